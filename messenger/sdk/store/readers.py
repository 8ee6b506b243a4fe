"""Read-only connections to a database file, beside the one that writes: a read waits for nobody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from messenger.sdk.store.engine import open_reader, unusable_now

_MAX_IDLE = 2  # A page and a search at the same time; each has a cache of 16 MB at most.
_PATIENCE = 2.0  # Seconds; no read takes that long, but Ctrl+C may have come at its very end.


class Readers:
    """Gives each read a connection of its own, in a transaction: one state of the database.

    In WAL mode reads do not wait for the writer, nor it for them. They have to be short: while
    there is always one, the WAL grows, until the writer is `pausing` them. Safe to use from any
    thread. Raises StoreUnusable.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._file = file
        self._key = key
        self._changed = threading.Condition()
        self._idle: list[Any] = []
        self._busy: list[Any] = []
        self._is_paused = False
        self._is_closed = False

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Read in the block on a connection of the driver."""
        connection = self._take()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            # It may have been interrupted anywhere.
            with suppress(Exception):
                connection.execute("ROLLBACK")
            self._give_back(connection)

    def close(self) -> None:
        """Close all connections, after the reads on them."""
        with self.pausing():
            self._is_closed = True
            self._close_all()

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Wait for the reads, and let no other begin during the block."""
        with self._changed:
            self._is_paused = True  # While it waits, too: reads that overlap would never end.
            try:
                self._changed.wait_for(lambda: not self._busy, _PATIENCE)
                yield
            finally:
                self._is_paused = False
                self._changed.notify_all()

    def change_key(self, key: bytes) -> None:
        """Read with another key from now on; to be called within `pausing`."""
        self._key = key
        self._close_all()

    def _close_all(self) -> None:
        self._busy.clear()  # Those that are still read from are closed after that.
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Any:
        import sqlcipher3.dbapi2 as sqlite

        with self._changed:
            self._changed.wait_for(lambda: not self._is_paused)
            if self._is_closed:
                raise unusable_now(sqlite.ProgrammingError("Cannot operate on a closed database."))
            try:
                connection = self._idle.pop() if self._idle else open_reader(self._file, self._key)
            except sqlite.DatabaseError as error:
                raise unusable_now(error) from error
            self._busy.append(connection)
        return connection

    def _give_back(self, connection: Any) -> None:
        with self._changed:
            is_current = connection in self._busy
            if is_current:
                self._busy.remove(connection)
                self._changed.notify_all()
            if is_current and not connection.in_transaction and len(self._idle) < _MAX_IDLE:
                self._idle.append(connection)
            else:
                connection.close()
