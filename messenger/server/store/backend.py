"""What differs between the databases, as one interface: a module for each implements it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import URL, Connection, Engine

from messenger.server.errors import CannotStart

WRITER = "writer"
"""The execution option of a connection that writes."""


class DatabaseUnusable(CannotStart):
    """The database cannot be used; the text says what the operator can do."""


class Backend(Protocol):
    """A database that the server can run on; `sqlite` and `postgresql` are modules with these."""

    def open_engine(self, url: str | URL, readers: int) -> Engine:
        """Return the engine, with connections for the writer and so many readers.

        Raises SQLAlchemyError, ImportError or ValueError if the URL or the driver is wrong.
        """

    def shown(self, engine: Engine) -> str:
        """Return where the database is, without its password, to show to people."""

    def wait(self, engine: Engine, seconds: float) -> Sequence[str]:
        """Wait until the database accepts connections; return warnings for the operator's log.

        Raises SQLAlchemyError after so many seconds, or at once if waiting cannot help, and
        DatabaseUnusable if the database is not one that the server can use.
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
    return " ".join((getattr(found, "strerror", None) or str(found)).split())
