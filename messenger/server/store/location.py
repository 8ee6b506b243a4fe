"""Where a database is: in a server's directory, in a file of SQLite, or at a URL."""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url

from messenger.language import _
from messenger.server.store.backend import DatabaseUnusable

DATABASE_FILE = "messenger.db"
"""The file in a server's directory that is its database, unless the settings name another."""

LOCK_FILE = "server.lock"
"""The file in a server's directory that a server, or a copy, locks."""


class Location(NamedTuple):
    """Where a database is, before it is opened."""

    url: str | URL
    file: Path | None = None
    directory: Path | None = None  # which a server locks


def database_place(url: str, data: Path) -> str:
    """Return the place of a server's database: its URL, or else the file in its directory."""
    return url or str(data / DATABASE_FILE)


def locate(place: str) -> Location:
    """Return where a database is, from a directory, a file or a URL; raises DatabaseUnusable."""
    scheme = place.partition(":")[0].partition("+")[0]
    if scheme in ("postgresql", "postgres"):
        return Location(place)
    if place.startswith("sqlite:///"):
        return _locate_file(Path(make_url(place).database or ""))
    if place and "://" not in place:
        return _locate_file(Path(place).expanduser())
    raise DatabaseUnusable(
        _(
            "A database is the directory of a server, a file, or a URL such as "
            "postgresql://user@host/name"
        )
    )


def file_url(file: Path) -> URL:
    """Return the URL of a file of SQLite."""
    # Not a string: SQLAlchemy would interpret `?` and `%41` in it.
    return URL.create("sqlite", database=str(file.absolute()))


def _locate_file(path: Path) -> Location:
    # A directory has any name; a file that is still to be made is known by its own.
    is_file = path.is_file() or (path.suffix == ".db" and not path.is_dir())
    file = (path if is_file else path / DATABASE_FILE).absolute()
    # A server locks its own directory; its database may be in another one, which has no lock.
    is_locked = not is_file or (file.parent / LOCK_FILE).exists()
    return Location(file_url(file), file, file.parent if is_locked else None)
