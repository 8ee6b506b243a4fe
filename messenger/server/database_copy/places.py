"""Opens a database that is copied, or copied to, so that no server and no other copy uses it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from messenger.files import private_directory
from messenger.language import _
from messenger.server.database_copy.errors import CannotCopy
from messenger.server.store import database
from messenger.server.store.backend import DatabaseUnusable
from messenger.server.store.directory_lock import lock_file
from messenger.server.store.location import Location, locate
from messenger.system_errors import reason_of

T = TypeVar("T")


class Place(NamedTuple):
    """A database that is in use by nobody else: its engine has one connection at a time."""

    engine: Engine

    @property
    def name(self) -> str:
        """The database's file, or its URL without the password."""
        return database.shown(self.engine)

    @contextmanager
    def naming_failures(self) -> Iterator[None]:
        """Turn a failure of this database into DatabaseUnusable, which names it."""
        try:
            yield
        except SQLAlchemyError as error:
            raise database.unusable(self.engine, error) from error

    def reading(self, rows: Iterator[T]) -> Iterator[T]:
        """Return the same rows; a failure to read them names this database."""
        with self.naming_failures():
            yield from rows


@contextmanager
def two_places(source: str, target: str) -> Iterator[tuple[Place, Place]]:
    """Open both databases: each is a directory of data, a file of SQLite, or the URL of a database.

    The target's directory and file are created. Raises CannotStart.
    """
    found = locate(source), locate(target)
    if found[0].url == found[1].url:
        raise CannotCopy(_("Source and target of a copy must be different databases"))
    if (file := found[0].file) and not file.is_file():
        raise CannotCopy(_("There is no database {file}: specify another source", file=file))
    with ExitStack() as opened:
        _lock_directories(found, opened)
        yield _open(found[0], opened), _open(found[1], opened)


def _lock_directories(found: tuple[Location, Location], opened: ExitStack) -> None:
    # Both files may be in one directory, which is locked once.
    for directory in sorted({place.directory for place in found if place.directory}):
        try:
            private_directory(directory)
            opened.callback(lock_file(directory))
        except DatabaseUnusable as error:
            said = _("A server uses {directory}: stop it first", directory=directory)
            raise CannotCopy(said) from error
        except OSError as error:
            raise CannotCopy(
                _(
                    "The directory {data} cannot be used ({reason}): choose another",
                    data=error.filename or directory,
                    reason=reason_of(error),
                )
            ) from error


def _open(found: Location, opened: ExitStack) -> Place:
    engine = database.open_engine(found.url, 0)
    opened.callback(engine.dispose)
    place = Place(engine)
    with place.naming_failures():
        database.backend_of(engine).lock_alone(engine)
    return place
