"""Shows in a terminal how far a long work is, how fast it goes, and when it will be done."""

import os
import shutil
import time
from collections.abc import Callable
from typing import TextIO

from messenger.language import _
from messenger.output import can_show, visible, write_line

_WIDTH = 20  # characters of the bar: a step is 5 %
_FIRST = 1.0  # seconds before the speed is shown: the first steps tell nothing of it
_CLEAR = "\x1b[K"  # to the end of the line


class TerminalProgress:
    """A line that is written again at each step; without a terminal nothing is written.

    `clock` returns seconds.
    """

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream if stream is not None and stream.isatty() else None
        self._clock = clock
        self._phase = ""
        self._began_at = 0.0
        self._began_with = 0
        self._is_shown = False

    def show(self, phase: str, done: int, total: int, what: str, *, is_bytes: bool = False) -> None:
        """Show that so many rows, or bytes, of all are done; another phase has its own speed."""
        if self._stream is None:
            return
        if phase != self._phase:
            self._phase, self._began_at, self._began_with = phase, self._clock(), done
        percent = min(100, 100 * done // total) if total else 100
        parts = [
            f"{phase} {self._bar(percent)} {percent:3} %",
            *self._speed(done, total, is_bytes),
            what,
        ]
        width = _columns(self._stream) - 1  # the last column would begin a new line
        self._write("\r" + visible("  ".join(parts))[:width] + _CLEAR)
        self._is_shown = True

    def end(self) -> None:
        """Leave the line, so that what is written next begins a new one."""
        if self._is_shown:
            self._is_shown = False
            self._write("\n")

    def _bar(self, percent: int) -> str:
        assert self._stream is not None
        full, empty = "█░" if can_show("█░", self._stream) else "#."
        count = percent * _WIDTH // 100
        return full * count + empty * (_WIDTH - count)

    def _speed(self, done: int, total: int, is_bytes: bool) -> list[str]:
        """Return the speed and the time left, once they can be known."""
        seconds = self._clock() - self._began_at
        if seconds < _FIRST or done <= self._began_with:
            return []
        rate = (done - self._began_with) / seconds
        minutes, left = divmod(round((total - done) / rate), 60)
        return [
            _("{rate} MB/s", rate=f"{rate / 1e6:,.0f}")
            if is_bytes
            else _("{rate} rows/s", rate=f"{rate:,.0f}"),
            _("{time} left", time=f"{minutes}:{left:02}"),
        ]

    def _write(self, text: str) -> None:
        # A closed terminal does not end the work.
        if self._stream is not None:
            write_line(text, self._stream, as_is=True, end="")


def _columns(stream: TextIO) -> int:
    """Return how wide the stream's own terminal is: standard output may be a file."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns
