"""Puts what is restored in the place of what was there; what a kill interrupts can be undone.

A note in the directory of data says what is moved. It is written before anything is, and removed
once all is in its place. Where one is found, everything is put back, however far it had come.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from messenger.files import sync_directory, write_private
from messenger.language import _
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.tables_aside import move_tables_back
from messenger.server.store import database
from messenger.server.store.location import locate

NOTE = "unfinished-restoration.json"
"""The note's name in the directory of data."""

STAGED = ".restoring"
"""The directory in the directory of data that has what is restored until it is in its place."""

Move = tuple[Path, Path]
"""A file or directory that is renamed: from where, to where."""


class Replacement(msgspec.Struct, kw_only=True):
    """What is moved: the note's content.

    `aside` is what was there, `placed` what is restored. At the URL of PostgreSQL whose shown form
    is `database` the tables that were there are in the `schema`, or there were none. Paths are
    relative to the directory of data, which may be renamed; they need not be UTF-8.
    """

    backup: str
    aside: list[tuple[bytes, bytes]] = []
    placed: list[tuple[bytes, bytes]] = []
    database: str = ""
    schema: str = ""

    def note(self, data: Path) -> None:
        """Write the note, or replace it; raises OSError."""
        write_private(data / NOTE, msgspec.json.encode(self))

    def carry_out(self, data: Path, aside: list[Move], placed: list[Move]) -> None:
        """Move what was there aside, then what is restored to its place; raises OSError.

        If that fails, `put_back` undoes it.
        """
        self.aside = [_relative(data, move) for move in aside]
        self.placed = [_relative(data, move) for move in placed]
        self.note(data)
        moves = [*aside, *placed]
        for old, new in moves:
            old.rename(new)
        for directory in {file.parent for move in moves for file in move}:
            sync_directory(directory)
        _forget(data)


def check_finished(data: Path) -> None:
    """Raise BackupFailed where a restoration was interrupted, and nothing is put back yet."""
    if (data / NOTE).exists():
        raise BackupFailed(
            _(
                "The restoration of a backup in {data} was interrupted: start the server, which "
                "puts everything back",
                data=data,
            )
        )


def put_back(data: Path, url: str, patience: float = 0.0) -> str:
    """Undo a restoration that was interrupted; return its backup's name, or nothing without one.

    `url` is that of the database that the server uses, or empty; if it does not accept connections
    yet, it has so many seconds. The caller has the lock of the directory. Raises CannotStart and
    OSError; it can be tried again.
    """
    try:
        content = (data / NOTE).read_bytes()
    except FileNotFoundError:
        shutil.rmtree(data / STAGED, ignore_errors=True)
        return ""
    found = msgspec.json.decode(content, type=Replacement)
    if found.database:
        _put_tables_back(found, url, patience)
    placed = list(_absolute(data, found.placed))
    aside = list(_absolute(data, found.aside))
    # What has no original here is the original, or is not in its place yet.
    originals = dict(aside)
    for staged, place in reversed(placed):
        was_moved = place not in originals or os.path.lexists(originals[place])
        if was_moved and os.path.lexists(place) and not os.path.lexists(staged):
            place.rename(staged)
    for place, moved in reversed(aside):
        if os.path.lexists(moved):
            moved.replace(place)
    for directory in {file.parent for move in (*aside, *placed) for file in move}:
        if directory.is_dir():
            sync_directory(directory)
    _forget(data)
    _remove_rest(data, aside, placed)
    return found.backup


def _remove_rest(data: Path, aside: list[Move], placed: list[Move]) -> None:
    """Remove what is restored, and the empty directory of what was aside."""
    shutil.rmtree(data / STAGED, ignore_errors=True)
    for staged, _place in placed:
        if staged.is_file():  # beside a database that is elsewhere
            staged.unlink()
    for directory in {moved.parent for _place, moved in aside} - {data}:
        if directory.is_dir() and not any(directory.iterdir()):
            directory.rmdir()


def _put_tables_back(found: Replacement, url: str, patience: float) -> None:
    if not url or shown(url) != found.database:
        raise BackupFailed(
            _(
                "The restoration of {name} into the database {database} was interrupted: "
                "specify this database, so that everything is put back",
                name=found.backup,
                database=found.database,
            )
        )
    move_tables_back(url, found.schema, patience)


def shown(place: str) -> str:
    """Return the database at a URL or in a file, without its password; raises CannotStart."""
    engine = database.open_engine(locate(place).url, 0)
    engine.dispose()
    return database.shown(engine)


def _forget(data: Path) -> None:
    (data / NOTE).unlink()
    sync_directory(data)


def _relative(data: Path, move: Move) -> tuple[bytes, bytes]:
    old, new = (os.fsencode(_within(data, file)) for file in move)
    return old, new


def _within(data: Path, file: Path) -> Path:
    return file.relative_to(data) if file.is_relative_to(data) else file


def _absolute(data: Path, moves: list[tuple[bytes, bytes]]) -> Iterator[Move]:
    for old, new in moves:
        # An absolute path stays as it is.
        yield data / os.fsdecode(old), data / os.fsdecode(new)
