"""Corrects Textual's driver: keys, the background colour, invalid bytes, a closed terminal.

WORKAROUND for Textual 8: parser, writer and decoder are names in its module for Linux and macOS
terminals; `mend` replaces them by those below.
"""

import codecs
import re
import select
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from textual.message import Message

BACKGROUND_QUERY = "\x1b]11;?\x1b\\"
"""Queries a terminal's background colour (OSC 11); not every terminal answers."""

_ANSWER = re.compile(
    r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]{0,8}"
    r"(?:\x07|\x1b\\)"
)
# A reply may be split between two reads.
_BEGINNING = re.compile(r"\x1b\](?:1(?:1(?:;[^\x07\x1b]{0,40}\x1b?)?)?)?\Z")


class BackgroundTold(Message):
    """The terminal has reported its background."""

    def __init__(self, *, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


class Answers:
    """Removes replies to `BACKGROUND_QUERY` from the input, however late they arrive.

    Otherwise a reply would end up in the input field.
    """

    def __init__(self) -> None:
        self._held = ""

    def take(self, data: str) -> tuple[str, list[bool]]:
        """Return the remaining input, and for each reply whether the background is light."""
        data, self._held = self._held + data, ""
        found = [_is_light(*map(_share, match.groups())) for match in _ANSWER.finditer(data)]
        data = _ANSWER.sub("", data)
        if beginning := _BEGINNING.search(data):
            self._held = beginning[0]
            data = data[: beginning.start()]
        return data, found


class _Key(NamedTuple):
    value: str


def mend() -> None:
    """Replace Textual's parser, writer and decoder; does nothing on Windows."""
    if sys.platform == "win32":
        return
    from textual import _ansi_sequences
    from textual._xterm_parser import XTermParser
    from textual.drivers import linux_driver
    from textual.drivers._writer_thread import WriterThread

    class Parser(XTermParser):
        """Reports the background."""

        def __init__(self, debug: bool = False) -> None:
            self._answers = Answers()
            super().__init__(debug)

        def feed(self, data: str) -> Iterable[Message]:
            rest, found = self._answers.take(data)
            for is_light in found:
                yield BackgroundTold(is_light=is_light)
            # An empty text is the end of input for Textual's parser; the rest of a reply is none.
            if rest or not data:
                yield from super().feed(rest)

    class Writer(WriterThread):
        """Discards output when the terminal is closed: its full queue would block the screen."""

        def run(self) -> None:
            try:
                super().run()
            except OSError:
                while self._queue.get() is not None:
                    pass

    linux_driver.getincrementaldecoder = _decoder  # type: ignore[attr-defined,assignment]
    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]  # it is only imported there
    linux_driver.WriterThread = Writer  # type: ignore[attr-defined]
    _learn_keys(_ansi_sequences.ANSI_SEQUENCES_KEYS)  # type: ignore[arg-type]


def _learn_keys(keys: dict[str, object]) -> None:
    """Add key sequences: tmux and many terminals send Alt as ESC before the key."""
    for digit in "123456789":
        keys[f"\x1b{digit}"] = (_Key(f"alt+{digit}"),)  # Textual maps it to a Mac's character.
    for end in "\r\n":
        keys[f"\x1b{end}"] = (_Key("alt+enter"),)


def is_hung_up(file: int) -> bool:
    """Return whether the terminal of a file descriptor was closed."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(file, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _file, event in poll.poll(0))


def _decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Return a decoder that accepts any bytes: an error in it would end all input."""
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def _share(digits: str) -> float:
    # One to four digits, scaled by their number (XParseColor).
    return int(digits, 16) / int("f" * len(digits), 16)


def _is_light(red: float, green: float, blue: float) -> bool:
    # Luma, as in ITU-R BT.601: the eye sees green brighter than red, and red than blue.
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
