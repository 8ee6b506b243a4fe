"""Standard input, output and error of a client: closed, full or of an old encoding, too."""

import json
import logging
import os
import queue
import re
import shutil
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from messenger.console.wrapping import wrapped
from messenger.output import visible, write_error, write_line

_logger = logging.getLogger("messenger.client")

_AHEAD = 1000
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def hold_descriptors() -> None:
    """Let no file or socket take the number of a standard stream that is closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # It gets the lowest number that is free.


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody sits at the other end; what is closed is no terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def has_terminal_beside() -> bool:
    """Tell whether somebody can be asked though standard input is a pipe: at the terminal."""
    try:
        with Path("/dev/tty").open(encoding="utf-8"):
            return is_terminal(sys.stderr)
    except OSError:
        return False


def say(text: str) -> None:
    """Write a line for people to standard output."""
    write_line(text)


def complain(text: str) -> None:
    """Write a line for people to standard error, and to the log."""
    _logger.warning("%s", text)
    write_error(text)


class Output:
    """Standard output; `closed` is set once it takes nothing any more, or gets nothing more.

    `is_pipe` says that this is an end: its reader has gone. Everything else is full or broken.
    """

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.is_pipe = _is_pipe(sys.stdout)
        self._is_terminal = is_terminal(sys.stdout)
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        self._escapes = encoding.casefold().replace("_", "-") not in ("utf-8", "utf8")

    def show(self, line: str) -> None:
        """Write a line for people, now; at a terminal words stay whole."""
        if self._is_terminal:
            width = shutil.get_terminal_size().columns
            line = "\n".join(wrapped(visible(part), width) for part in line.split("\n"))
        if not write_line(line):
            self.closed.set()

    def write_json(self, line: str) -> None:
        """Write a line of JSON for programs, now; in old encodings its characters are escaped."""
        if self._escapes:
            line = _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], line)
        if not write_line(line, as_is=True):
            self.closed.set()


class Input:
    """Lines of standard input, read ahead in a thread: a wait for the server sees their end."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_AHEAD)
        threading.Thread(target=self._read, name="input", daemon=True).start()

    def __iter__(self) -> Iterator[str]:
        """Yield line after line, without the ends of the lines."""
        while (line := self._lines.get()) is not None:
            yield line

    def next_is(self, *lines: str | None) -> bool:
        """Tell whether one of these comes next; None is the end of the input."""
        with self._lines.mutex:
            waiting = self._lines.queue
            return bool(waiting) and waiting[0] in lines

    def _read(self) -> None:
        try:
            if sys.stdin is not None:
                # A reader of its own: the interpreter's may not be in use when that ends.
                with open(
                    sys.stdin.fileno(), encoding=sys.stdin.encoding, errors="replace", closefd=False
                ) as lines:
                    for line in lines:
                        self._lines.put(line.rstrip("\r\n"))
        except (OSError, ValueError) as error:
            _logger.warning("Standard input cannot be read: %s", error)
        finally:
            self._lines.put(None)


def _is_pipe(stream: TextIO | None) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode if stream is not None else 0
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
