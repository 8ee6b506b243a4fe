"""Copies every table of a database, so that an interrupted copy continues, and compares both."""

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Table, func, select

from messenger.server.database_copy import targets
from messenger.server.database_copy.comparison import Digest, check_equal
from messenger.server.database_copy.places import Place, two_places
from messenger.server.database_copy.rows import batches, key_of, unordered_batches, write
from messenger.server.store import copy_progress, database
from messenger.server.store.copy_progress import Position
from messenger.server.store.schema import metadata

Phase = Literal["copying", "comparing"]


class Progress(NamedTuple):
    """How far a copy is: rows of all tables in this phase, which reads both databases at the end.

    `done` begins with the rows that an interrupted copy has written before; `table` is then empty.
    """

    phase: Phase
    table: str
    done: int
    total: int


OnProgress = Callable[[Progress], None]


def copy_database(source: str, target: str, on_progress: OnProgress) -> int:
    """Copy a whole database, and return how many rows were copied, and found equal.

    `on_progress` is called after each batch, in this thread.

    Each of the two is the directory of a server, a file of SQLite, or the URL of a database. No
    server may use either of them. The target must be empty, or hold a part of a copy of the same
    source that was interrupted: by an exception in `on_progress`, by a failure, or by a killed
    process. Until it is complete, no server starts with it. Raises CannotStart.
    """
    with two_places(source, target) as (old, new):
        with old.naming_failures(), old.engine.connect() as reading:
            identity = targets.check_source(reading, old.name)
            total = sum(map(partial(_count, reading), metadata.sorted_tables))
        with new.naming_failures():
            targets.prepare_target(new.engine, new.name, identity)
        _copy(old, new, _Counter("copying", total, on_progress))
        with new.naming_failures(), database.writer(new.engine) as writing, writing.begin():
            targets.complete(writing)
        compared = _compare(old, new, _Counter("comparing", 2 * total, on_progress))
        with new.naming_failures(), database.writer(new.engine) as writing, writing.begin():
            copy_progress.end(writing)
    return compared


class _Counter:
    """Adds up the rows of a phase, and reports them."""

    def __init__(self, phase: Phase, total: int, on_progress: OnProgress) -> None:
        self._phase: Phase = phase
        self._total = total
        self._done = 0
        self._on_progress = on_progress

    def add(self, table: str, rows: int) -> None:
        """Count rows of a table."""
        self._done += rows
        self._on_progress(Progress(self._phase, table, self._done, self._total))


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _copy(old: Place, new: Place, counter: _Counter) -> None:
    with old.engine.connect() as reading, database.writer(new.engine) as writing:
        with new.naming_failures(), writing.begin():
            begun = [
                copy_progress.position(writing, table.name) for table in metadata.sorted_tables
            ]
        counter.add("", sum(reached.rows for reached in begun))
        for table, reached in zip(metadata.sorted_tables, begun, strict=True):
            rows_copied = reached.rows
            for rows in old.reading(batches(reading, table, reached.last_key)):
                rows_copied += len(rows)
                now = Position(key_of(table, rows[-1]), rows_copied)
                with new.naming_failures(), writing.begin():
                    write(writing, table, rows)
                    copy_progress.advance(writing, table.name, now)
                counter.add(table.name, len(rows))


def _compare(old: Place, new: Place, counter: _Counter) -> int:
    """Compare every table; return the number of rows, or raise CannotCopy."""
    compared = 0
    for table in metadata.sorted_tables:
        found = [_digest(place, table, counter) for place in (old, new)]
        check_equal(table.name, *found)
        compared += found[0].rows
    return compared


def _digest(place: Place, table: Table, counter: _Counter) -> Digest:
    digest = Digest()
    with place.naming_failures(), place.engine.connect() as connection:
        for rows in unordered_batches(connection, table):
            digest = digest.with_rows(rows)
            counter.add(table.name, len(rows))
    return digest
