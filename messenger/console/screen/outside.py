"""What the screen asks of the world around it: an editor, a note on the desktop."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from messenger.console.lines import visible

_LONGEST_NOTE = 120
_NOT_UNDERSTOOD = ("linux", "dumb", "vt100", "vt220")


def edit(text: str) -> str:
    """Let the user write in their editor; return the text as it is then. Raises OSError."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        subprocess.run([*editor, file.name], check=False)  # noqa: S603  the user's own
        # Editors often write a new file in the old one's place.
        return Path(file.name).read_text("utf-8", errors="replace").rstrip("\n")


def desktop_note(text: str) -> str:
    """Return what has a terminal show a note on the desktop (OSC 9), or nothing.

    Kitty, WezTerm, iTerm2, Ghostty and others know it, over SSH too; tmux has to pass it on.
    """
    if os.environ.get("TERM", "dumb") in _NOT_UNDERSTOOD:
        return ""
    sequence = f"\x1b]9;{visible(text)[:_LONGEST_NOTE]}\x07"
    if "TMUX" in os.environ:
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
