"""A program at a real pseudo-terminal, driven as a user does, and seen as a user sees it."""

import fcntl
import os
import pty
import select
import struct
import termios
import time
from pathlib import Path
from typing import Self

import pyte

from tests.forking import ROOT, Python

_WIDTH, _HEIGHT = 120, 50
_PATIENCE = 60.0
_END_OF_INPUT = "\x04"
_KEYS_APART = 0.05
"""Seconds before keys are sent: no user types before a program that has asked is ready to read."""


class Terminal:
    """A program at a terminal, which is emulated; `shown` is what stands on its screen."""

    def __init__(
        self,
        *arguments: str,
        data: Path,
        program: str | Path = "client.py",
        size: tuple[int, int] = (_WIDTH, _HEIGHT),
    ) -> None:
        words = program.split() if isinstance(program, str) else [str(program)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
        self._end, its_end = pty.openpty()
        self._is_closed = False
        fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = Python(
            *(*words, *arguments, "--data", str(data)), env=environment,
            stdin=its_end, stdout=its_end, stderr=its_end,
        )  # fmt: skip
        os.close(its_end)
        self._screen = pyte.Screen(*size)
        # Programs ask where the cursor is.
        self._screen.write_process_input = lambda said: self._write(said.encode())
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.process.kill()
        self.process.wait(_PATIENCE)

    def close(self) -> None:
        """Close the window: the program is hung up on."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self._end)

    @property
    def shown(self) -> str:
        """What the user sees."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def colours(self) -> set[str]:
        """Return the colours of letters and backgrounds on the screen, as pyte names them."""
        cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
        return {cell.fg for cell in cells} | {cell.bg for cell in cells}

    def type(self, line: str) -> None:
        """Type a line."""
        self.press(line + "\r")

    def press(self, keys: str | bytes) -> None:
        """Press keys, as a terminal sends them."""
        time.sleep(_KEYS_APART)
        self._write(keys.encode() if isinstance(keys, str) else keys)

    def wait(self) -> int:
        """Wait until the program has ended; return its exit code."""
        end = time.monotonic() + _PATIENCE
        while self._read():
            assert time.monotonic() < end, self.shown
        return self.process.wait(_PATIENCE)

    def has_ended(self) -> bool:
        """Wait until the program has ended; tell whether it has within the time."""
        end = time.monotonic() + _PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if self._is_closed or not self._read():
                time.sleep(0.05)  # there is nothing to wait for but the process
        return self.process.poll() is not None

    def expect(self, *texts: str) -> str:
        """Wait until all of the texts are shown; return the screen."""
        end = time.monotonic() + _PATIENCE
        while not all(text in self.shown for text in texts):
            if time.monotonic() > end:
                raise AssertionError(f"{texts} is not on the screen:\n{self.shown}")
            self._read()
        return self.shown

    def expect_count(self, text: str, count: int) -> None:
        """Wait until the text is shown so many times."""
        end = time.monotonic() + _PATIENCE
        while self.shown.count(text) < count:
            if time.monotonic() > end:
                raise AssertionError(f"{text} is not shown {count} times:\n{self.shown}")
            self._read()

    def expect_first(self, text: str) -> None:
        """Wait until the screen begins with this text."""
        end = time.monotonic() + _PATIENCE
        while not self.shown.lstrip().startswith(text):
            if time.monotonic() > end:
                raise AssertionError(f"The screen does not begin with {text}:\n{self.shown}")
            self._read()

    def expect_focus(self, label: str) -> None:
        """Wait until the field with this label is where keys go: it has a background then."""
        end = time.monotonic() + _PATIENCE
        while len(self._backgrounds(label)) < 2:
            if time.monotonic() > end:
                raise AssertionError(f"Keys do not go to {label}:\n{self.shown}")
            self._read()

    def expect_other_colours(self, before: set[str]) -> None:
        """Wait until the screen has other colours than before: it is painted piece by piece."""
        end = time.monotonic() + _PATIENCE
        while self.colours() == before:
            if time.monotonic() > end:
                raise AssertionError(f"The colours stay as they are: {before}")
            self._read()

    def _backgrounds(self, label: str) -> set[str]:
        rows = enumerate(self._screen.display)
        shown = [self._screen.buffer[number] for number, line in rows if label in line]
        return {cell.bg for row in shown for cell in row.values()}

    def leave(self) -> int:
        """Leave as a user does; return the exit code.

        Between two prompts a terminal's Ctrl+D is nobody's: it is pressed again then.
        """
        self.press(_END_OF_INPUT)
        pressed = time.monotonic()
        while self._read():
            if time.monotonic() - pressed > 1:
                self._write(_END_OF_INPUT.encode())
                pressed = time.monotonic()
        return self.process.wait(_PATIENCE)

    def _write(self, keys: bytes) -> None:
        while keys:
            keys = keys[os.write(self._end, keys) :]

    def _read(self) -> bool:
        """Take what the program has written by now; tell whether there may be more."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        if not poll.poll(100):  # milliseconds
            return True
        try:
            said = os.read(self._end, 65536)
        except OSError:  # nobody has the other end open any more
            return False
        self._stream.feed(said)
        return bool(said)
