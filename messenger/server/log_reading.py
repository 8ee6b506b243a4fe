"""Reads the server's log as data: its last records, and new ones as they are written."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import msgspec

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LEVELS: tuple[LogLevel, ...] = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_FILE = "server.log"
_BLOCK = 64 * 1024  # bytes
_MAX_BEHIND = 4 * 1024 * 1024  # bytes that are read at once; who is further behind skips some
_MAX_LINE = 16 * 1024 * 1024  # bytes: of a file that is no log, a line may never end
_RECORD = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (?P<level>[A-Z]+) (?P<module>\S+) (?P<text>.*)"
)


class LogLine(msgspec.Struct, kw_only=True, frozen=True):
    """A record of the log: `time` in local time as it stands there, `text` with its traceback."""

    time: str
    level: str
    module: str
    text: str


class LogFilter(msgspec.Struct, frozen=True):
    """Which records are wanted: from a level up, with a text in whatever case."""

    level: LogLevel = "DEBUG"
    text: str = ""

    def accepts(self, line: LogLine) -> bool:
        """Tell whether a record is wanted."""
        if line.level in LEVELS and LEVELS.index(line.level) < LEVELS.index(self.level):
            return False
        wanted = self.text.casefold()
        return wanted in line.text.casefold() or wanted in line.module.casefold()


class LogPlace(NamedTuple):
    """Where a reading of the log stopped: in which file, where its last record began, its end."""

    file: int
    start: int
    end: int

    def __str__(self) -> str:
        return ".".join(f"{number:x}" for number in self)

    @classmethod
    def parse(cls, text: str) -> "LogPlace":
        """Return the place that was written as a string; raises ValueError."""
        file, start, end = (int(number, 16) for number in text.split("."))
        return cls(file, max(0, start), end)


def read_since(
    directory: Path, place: LogPlace, wanted: LogFilter
) -> tuple[list[LogLine], LogPlace]:
    """Return the wanted records since a place, and the place for the next call; it does not wait.

    The latest record comes with the call after it: until then, its traceback may follow. Raises
    OSError.
    """
    reader = LogReader(directory, wanted, place)
    try:
        found = reader.new()
        if (reader.place.file, reader.place.end) == (place.file, place.end):
            found += reader.new()
        return found, reader.place
    finally:
        reader.close()


def last_lines(directory: Path, count: int, wanted: LogFilter | None = None) -> list[LogLine]:
    """Return the last records that are wanted, oldest first, also from older files.

    `directory` is that of the log. Raises OSError if a file cannot be read.
    """
    return LogReader(directory, wanted).last(count)


class LogReader:
    """Reads the log in a directory: first its `last` records, then each `new` one.

    It holds a file open; `close` it.
    """

    def __init__(
        self, directory: Path, wanted: LogFilter | None = None, place: LogPlace | None = None
    ) -> None:
        """Begin at a place, or at the end of the log, which may be missing. Raises OSError."""
        self._path = directory / _FILE
        self._wanted = wanted or LogFilter()
        self._rest = b""
        self._held: list[bytes] = []
        if place is None:
            self._file = self._open()
            self._end = _end_of_lines(self._file) if self._file is not None else 0
        else:
            self._file, self._end = self._open_at(place)

    @property
    def place(self) -> LogPlace:
        """Where the next call goes on."""
        number = os.fstat(self._file.fileno()).st_ino if self._file is not None else 0
        return LogPlace(number, self._end - len(self._rest) - self._held_size(), self._end)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def last(self, count: int, seconds: float | None = None) -> list[LogLine]:
        """Return the last wanted records before the place where this began, oldest first.

        After so many `seconds` it returns those that it has found by then.
        """
        found: list[LogLine] = []
        end = None if seconds is None else time.monotonic() + seconds
        for line in self._records_backwards():
            if len(found) >= count or (end is not None and time.monotonic() > end):
                break
            if self._wanted.accepts(line):
                found.append(line)
        return found[::-1]

    def new(self) -> list[LogLine]:
        """Return the wanted records that were written since the last call; it does not wait.

        The latest one is held back until a call finds nothing more: its traceback may follow.
        Raises OSError.
        """
        lines = list(self._new_lines())
        records = []
        for line in lines:
            if _RECORD.match(_text(line)) and self._held:
                records.append(self._held)
                self._held = []
            self._held.append(line)
        is_whole = not lines and not self._rest
        # A record never goes on in the next file.
        if self._held and (is_whole or self._held_size() > self._end - len(self._rest)):
            records.append(self._held)
            self._held = []
        found = (_record([_text(line) for line in one]) for one in records)
        return [one for one in found if one and self._wanted.accepts(one)]

    def _held_size(self) -> int:
        return sum(len(line) + 1 for line in self._held)

    def _new_lines(self) -> Iterator[bytes]:
        if self._file is None:
            self._file, self._end = self._open(), 0
        while self._file is not None:
            yield from self._rest_of_file(self._file)
            if not self._is_replaced(self._file):
                return
            # What was written between the last read and the rotation.
            yield from self._rest_of_file(self._file)
            self.close()
            self._rest = b""
            self._file, self._end = self._open(), 0

    def _rest_of_file(self, file: BinaryIO) -> Iterator[bytes]:
        if os.fstat(file.fileno()).st_size < self._end:  # somebody has emptied it
            self._end, self._rest = 0, b""
        file.seek(self._end)
        while block := file.read(_BLOCK):
            self._end += len(block)
            *lines, self._rest = (self._rest + block).split(b"\n")
            if len(self._rest) > _MAX_LINE:
                self._rest = b""
            yield from lines

    def _is_replaced(self, file: BinaryIO) -> bool:
        """Tell whether the name means another file now: the log was rotated."""
        with suppress(FileNotFoundError):
            return not os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        return False  # it will be there in a moment

    def _open(self) -> BinaryIO | None:
        with suppress(FileNotFoundError, NotADirectoryError):
            return self._path.open("rb")
        return None

    def _open_at(self, place: LogPlace) -> tuple[BinaryIO | None, int]:
        """Open the file of a place, which may have another name since; without it the log."""
        for path in [self._path, *self._path.parent.glob(f"{_FILE}.*")]:
            with suppress(FileNotFoundError):
                file = path.open("rb")
                found = os.fstat(file.fileno())
                if found.st_ino == place.file:
                    return file, max(place.start, found.st_size - _MAX_BEHIND)
                file.close()
        return self._open(), 0

    def _records_backwards(self) -> Iterator[LogLine]:
        following: list[str] = []
        for line in self._lines_backwards():
            following.append(line)
            if _RECORD.match(line):
                if record := _record(following[::-1]):
                    yield record
                following = []

    def _lines_backwards(self) -> Iterator[str]:
        if self._file is not None:
            yield from _backwards(self._file, self._end)
        # Their names end with their date.
        for old in sorted(self._path.parent.glob(f"{_FILE}.*"), reverse=True):
            with suppress(FileNotFoundError), old.open("rb") as file:  # removed meanwhile
                yield from _backwards(file, file.seek(0, os.SEEK_END))


def _record(lines: list[str]) -> LogLine | None:
    """Return a record; None for lines that belong to none, such as those before the first."""
    found = _RECORD.match(lines[0])
    if found is None:
        return None
    text = "\n".join([found["text"], *lines[1:]]).rstrip("\n")
    return LogLine(time=found["time"], level=found["level"], module=found["module"], text=text)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _end_of_lines(file: BinaryIO) -> int:
    """Return where the last complete line ends: another one may be half written."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _backwards(file: BinaryIO, end: int) -> Iterator[str]:
    """Return the complete lines of a file up to a position, the last one first."""
    rest = b""
    position = end
    while position > 0:
        size = min(_BLOCK, position)
        position -= size
        file.seek(position)
        first, *lines = (file.read(size) + rest).split(b"\n")
        if position + size == end and lines:
            lines.pop()  # empty, or the file ends without a line feed
        rest = first
        yield from (line.decode("utf-8", "replace") for line in reversed(lines))
    if rest:
        yield rest.decode("utf-8", "replace")
