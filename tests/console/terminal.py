"""A program at a real pseudo-terminal, driven as a user does, and seen as a user sees it."""

import os
import sys
import time
from pathlib import Path

import pexpect
import pyte

from tests.running import ROOT

_WIDTH, _HEIGHT = 120, 50
_PATIENCE = 30.0


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
        self.process = pexpect.spawn(
            sys.executable,
            [*words, *arguments, "--data", str(data)],
            env=environment,  # type: ignore[arg-type]  # it is a mapping all the same
            cwd=str(ROOT),
            dimensions=size[::-1],
        )
        self._screen = pyte.Screen(*size)
        # Programs ask where the cursor is.
        self._screen.write_process_input = self.process.send
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

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
        self.process.send(line + "\r")

    def press(self, keys: str) -> None:
        """Press keys, as a terminal sends them."""
        self.process.send(keys)

    def wait(self) -> int:
        """Wait until the program has ended; return its exit code."""
        end = time.monotonic() + _PATIENCE
        while self._read() and time.monotonic() < end:
            pass
        self.process.close()
        assert self.process.exitstatus is not None, self.shown
        return int(self.process.exitstatus)

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

    def _backgrounds(self, label: str) -> set[str]:
        rows = enumerate(self._screen.display)
        shown = [self._screen.buffer[number] for number, line in rows if label in line]
        return {cell.bg for row in shown for cell in row.values()}

    def leave(self) -> int:
        """Leave as a user does; return the exit code."""
        self.process.sendeof()
        return self.wait()

    def _read(self) -> bool:
        try:
            self._stream.feed(self.process.read_nonblocking(65536, 0.1))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        return True
