"""Standard input, output and error of a client, even if closed, full or not in UTF-8."""

import json
import logging
import os
import queue
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from messenger.console.wrapping import wrapped
from messenger.output import is_pipe, visible, write_error, write_line

_logger = logging.getLogger("messenger.client")

_AHEAD = 1000
"""Lines that are read ahead: a large input waits in the pipe, not in memory."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def hold_descriptors() -> None:
    """Occupy descriptors of closed standard streams: a socket with one would get our output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # It gets the lowest free number (POSIX).


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; a closed one is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def has_terminal_beside() -> bool:
    """Return whether the user can be asked at a terminal though standard input is a pipe."""
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
    """Standard output; `closed` is set once it cannot be written, or there is nothing to write.

    `is_pipe`: a failed write means that the reader has ended, which is no error; otherwise the disk
    is full or the output is broken.
    """

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.is_pipe = is_pipe(sys.stdout)
        self._is_terminal = is_terminal(sys.stdout)
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        self._escapes = encoding.casefold().replace("_", "-") not in ("utf-8", "utf8")

    def show(self, line: str) -> None:
        """Write a line for people without buffering; at a terminal it is wrapped between words."""
        if self._is_terminal:
            width = shutil.get_terminal_size().columns
            line = "\n".join(wrapped(visible(part), width) for part in line.split("\n"))
        if not write_line(line):
            self.closed.set()

    def write_json(self, line: str) -> None:
        """Write a JSON line without buffering; only ASCII if the encoding is not UTF-8."""
        if self._escapes:
            line = _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], line)
        if not write_line(line, as_is=True):
            self.closed.set()


class Input:
    """Lines of standard input, read in a thread: a wait for the server notices their end."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_AHEAD)
        threading.Thread(target=self._read, name="input", daemon=True).start()

    def __iter__(self) -> Iterator[str]:
        """Yield the lines, without line ends."""
        while (line := self._lines.get()) is not None:
            yield line

    def next_is(self, *lines: str | None) -> bool:
        """Return whether the next line is one of these; None is the end of the input."""
        with self._lines.mutex:
            waiting = self._lines.queue
            return bool(waiting) and waiting[0] in lines

    def _read(self) -> None:
        try:
            if sys.stdin is not None:
                # A file object of its own: CPython aborts at shutdown ("could not acquire lock")
                # if a daemon thread is still blocked in a read of `sys.stdin`.
                with open(
                    sys.stdin.fileno(), encoding=sys.stdin.encoding, errors="replace", closefd=False
                ) as lines:
                    for line in lines:
                        self._lines.put(line.rstrip("\r\n"))
        except (OSError, ValueError) as error:
            _logger.warning("Standard input cannot be read: %s", error)
        finally:
            self._lines.put(None)
