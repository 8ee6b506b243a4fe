"""What differs between the databases, as one interface: a module for each implements it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, MetaData
from sqlalchemy.exc import SQLAlchemyError

from messenger.server.errors import CannotStart
from messenger.system_errors import reason_of

PATIENCE = 10.0
"""Seconds for which a transaction or a query is tried again while the database is away: a failover
to a standby, or a restart of PostgreSQL, takes less.
"""

PAUSE = 0.1
"""Seconds between two such attempts."""

RETRY_AFTER = 5.0
"""Seconds after which a client may try again what failed all the same."""

WRITER = "writer"
"""The execution option of a connection that writes."""


class DatabaseUnusable(CannotStart):
    """The database cannot be used; the text says what the operator can do."""


class DatabaseLocked(SQLAlchemyError):
    """Another server, or a copy, uses the database; `Backend.explain` tells the operator."""


class SharedJournal(Protocol):
    """What the journal's transactions need of a database that other servers may write, too."""

    def register(self, connection: Connection, writer: str) -> None:
        """Have a writer of this name known, so that it can ask for what it has stored."""

    def last_stored(self, connection: Connection, writer: str) -> int:
        """Return the number of the writer's last transaction that was committed.

        It waits for one whose commit was sent, and whose connection broke.
        """

    def exclude_others(self, connection: Connection) -> None:
        """Have other writers wait with what depends on what they read, until the commit."""

    def take_changed(self, connection: Connection) -> Collection[int]:
        """Return the conversations for which the transaction has changed who may read or write."""

    def lock_numbers(
        self, connection: Connection, conversation_ids: Sequence[int]
    ) -> Iterable[tuple[int, int, int]]:
        """Lock the numbers of conversations until the commit.

        Returns of each the id, the last number and the count of changes.
        """

    def finish(
        self,
        connection: Connection,
        transaction: tuple[str, int],
        numbers: Mapping[int, int],
        changed: Collection[int],
    ) -> None:
        """Store the last numbers, and the writer and number of the transaction.

        A change is counted for the conversations that are `changed`, which have numbers, too.
        """


class JournalStore(Protocol):
    """What the journal's transactions need of a database besides common SQL."""

    shared: SharedJournal | None
    """None if only one process writes: it has the numbers, and all changes, in memory."""

    def append(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """Append messages: rows of (key, sender, unix time, frame)."""

    def append_with_ids(self, connection: Connection, rows: list[tuple[Any, ...]]) -> bool:
        """Append messages: rows of (key, sender, unix time, frame, the sender's id).

        False, and none of them is appended, if an id is stored already, or twice among them.
        """


class Backend(Protocol):
    """A database that the server can run on; `sqlite` and `postgresql` are modules with these."""

    journal: JournalStore
    own_metadata: MetaData
    """The tables that only this database has."""

    def open_engine(self, url: str | URL, readers: int) -> Engine:
        """Return the engine, with connections for the writer and so many readers.

        Raises SQLAlchemyError, ImportError or ValueError if the URL or the driver is wrong.
        """

    def size(self, connection: Connection) -> int:
        """Return the size of the database in bytes, with its log."""

    def shown(self, engine: Engine) -> str:
        """Return where the database is, without its password, to show to people."""

    def wait(self, engine: Engine, seconds: float) -> Sequence[str]:
        """Wait until the database accepts connections; return warnings for the operator's log.

        Raises SQLAlchemyError after so many seconds, or at once if waiting cannot help, and
        DatabaseUnusable if the database is not one that the server can use.
        """

    def share(self, engine: Engine) -> None:
        """Let each new connection of a server's engine keep copies away from the database.

        Call it before the first connection is made. While a copy runs, connecting raises
        DatabaseLocked. Of SQLite, the directory is locked instead.
        """

    def check_alone(self, engine: Engine) -> None:
        """Raise DatabaseLocked if another server or a copy uses the database of one that starts.

        Call it after `share`, while the pool has one connection.
        """

    def lock_alone(self, engine: Engine) -> None:
        """Lock the database against servers and other copies until the engine is disposed of.

        The engine is for one connection at a time, without limits on how long a statement or a
        transaction takes. Raises SQLAlchemyError, such as DatabaseLocked, if somebody uses it.
        """

    def changing_schema(self, engine: Engine) -> AbstractContextManager[Connection]:
        """Begin the transaction that may change the schema; no other one runs beside it."""

    def before_upgrade(self, engine: Engine, found: str) -> None:
        """Keep what a failed upgrade needs to be undone; `found` is the version until now."""

    def explain(self, engine: Engine, error: BaseException | None) -> DatabaseUnusable:
        """Return the error for the operator for what the database has raised."""

    def is_temporary(self, error: BaseException) -> bool:
        """Tell whether the same transaction may succeed a moment later, on a new connection."""


def reason(error: BaseException | None) -> str:
    """Return what is wrong, in one line."""
    found = getattr(error, "orig", None) or error
    return reason_of(found)
