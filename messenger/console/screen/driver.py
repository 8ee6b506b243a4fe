"""Textual's driver, where it does not understand a terminal: keys, colours, and a terminal's end.

WORKAROUND for Textual 8: its parser, its writer and its decoder are names of the module that drives
a Linux or macOS terminal; `mend` puts those below in their place.
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
"""Asks a terminal for its background (OSC 11); not every one answers."""

_ANSWER = re.compile(
    r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]{0,8}"
    r"(?:\x07|\x1b\\)"
)
_BEGINNING = re.compile(r"\x1b\](?:1(?:1(?:;[^\x07\x1b]{0,40}\x1b?)?)?)?\Z")


class BackgroundTold(Message):
    """The terminal has said which background it has."""

    def __init__(self, *, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


class Answers:
    """Takes answers about the background out of what a terminal sends, also when it is late.

    Without it an answer would be typed into the line that the user writes.
    """

    def __init__(self) -> None:
        self._held = ""

    def take(self, data: str) -> tuple[str, list[bool]]:
        """Return what is left, and for each answer whether the background is light."""
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
    """Put parser and writer into their places; where there is no such driver nothing is done."""
    if sys.platform == "win32":
        return
    from textual import _ansi_sequences
    from textual._xterm_parser import XTermParser
    from textual.drivers import linux_driver
    from textual.drivers._writer_thread import WriterThread

    class Parser(XTermParser):
        """Tells of the background."""

        def __init__(self, debug: bool = False) -> None:
            self._answers = Answers()
            super().__init__(debug)

        def feed(self, data: str) -> Iterable[Message]:
            rest, found = self._answers.take(data)
            for is_light in found:
                yield BackgroundTold(is_light=is_light)
            if rest or not data:
                yield from super().feed(rest)

    class Writer(WriterThread):
        """Goes on taking what is written when the terminal is gone: nobody waits for it."""

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
    """Enter what Textual does not know: tmux and many terminals send Alt as ESC before a key."""
    for digit in "123456789":
        keys[f"\x1b{digit}"] = (_Key(f"alt+{digit}"),)  # not what a Mac writes with it
    for end in "\r\n":
        keys[f"\x1b{end}"] = (_Key("alt+enter"),)


def is_hung_up(file: int) -> bool:
    """Tell whether the terminal behind a file descriptor was closed."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(file, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _file, event in poll.poll(0))


def _decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Return a decoder that takes any bytes: those of another encoding would end all input."""
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def _share(digits: str) -> float:
    return int(digits, 16) / int("f" * len(digits), 16)


def _is_light(red: float, green: float, blue: float) -> bool:
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
