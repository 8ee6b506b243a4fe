"""External programs: the user's editor, desktop notifications."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from messenger.output import visible

ENDING = (signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else []))
"""Signals by which the system ends a program."""
_LONGEST_NOTE = 120  # characters
_NOT_UNDERSTOOD = ("linux", "dumb", "vt100", "vt220")
"""Terminals (`TERM`) that would print the sequence instead."""


class Ended(Exception):
    """A signal wants the program to end while the user's editor runs."""


def edit(text: str) -> str:
    """Run the user's editor; return the edited text.

    Raises OSError, ValueError for an unclosed quotation mark in $EDITOR, and Ended.
    """
    # VISUAL first, as in git: EDITOR may be an editor of lines.
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    # Only the user can read it: it is created with mode 0600.
    with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        with _ending_by_signals():
            subprocess.run([*editor, file.name], check=False)  # noqa: S603  the user's own
        # Read it by its name: editors often replace the file by a new one.
        return Path(file.name).read_text("utf-8", errors="replace").rstrip("\n")


@contextmanager
def _ending_by_signals() -> Iterator[None]:
    """Raise Ended at a terminating signal: the event loop, which handles them, is blocked."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Ended

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def desktop_note(text: str) -> str:
    """Return the sequence for a desktop notification by the terminal (OSC 9), or nothing.

    Kitty, WezTerm, iTerm2, Ghostty and others support it, over SSH too; tmux has to pass it on.
    """
    if os.environ.get("TERM", "dumb") in _NOT_UNDERSTOOD:
        return ""
    sequence = f"\x1b]9;{visible(text)[:_LONGEST_NOTE]}\x07"
    if "TMUX" in os.environ:
        # tmux passes on what is wrapped so, each ESC doubled (its option `allow-passthrough`).
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
