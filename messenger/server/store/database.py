"""Opening the database: one writer, some readers, and a schema that is up to date."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Column, Connection, Engine, MetaData, String, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from messenger.language import _
from messenger.server.store import copy_progress, sqlite
from messenger.server.store.backend import WRITER, Backend, DatabaseUnusable, reason
from messenger.server.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_logger = logging.getLogger("messenger.server")

HEAD = "0012"
"""The newest migration in `migrations/versions`."""

MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic names the constraint of its table so.
_ALEMBIC = MetaData(naming_convention={"pk": "%(table_name)s_pkc"})
_VERSION = Table("alembic_version", _ALEMBIC, Column("version_num", String(32), primary_key=True))
"""Alembic's own table: which migration was applied last."""


def backend(name: str) -> Backend:
    """Return what serves the database with this name in URLs; raises ValueError."""
    if name == "sqlite":
        return sqlite
    if name not in ("postgresql", "postgres"):
        raise ValueError(f"{name}: sqlite or postgresql")
    # Most servers run without it.
    from messenger.server.store import postgresql

    return postgresql


def backend_of(engine: Engine) -> Backend:
    """Return what serves the engine's database."""
    return backend(engine.dialect.name)


def open_engine(url: str | URL, readers: int) -> Engine:
    """Return the engine of the database at this URL; raises DatabaseUnusable."""
    scheme = url.partition(":")[0] if isinstance(url, str) else url.drivername
    try:
        return backend(scheme.partition("+")[0].lower()).open_engine(url, readers)
    # A missing driver, an unknown option, a port that is not a number.
    except (SQLAlchemyError, ImportError, AttributeError, TypeError, ValueError) as error:
        raise DatabaseUnusable(
            _(
                "The setting database must be the URL of an available database, such as "
                "sqlite:////srv/messenger.db ({reason})",
                reason=reason(error),
            )
        ) from error


def shown(engine: Engine) -> str:
    """Return the database's file, or its URL without the password, to show to people."""
    return backend_of(engine).shown(engine)


def writer(engine: Engine) -> Connection:
    """Return the connection for the one thread that writes."""
    return engine.connect().execution_options(**{WRITER: True})


def prepare(engine: Engine, patience: float = 0.0, *, alone: bool = False) -> None:
    """Bring the schema up to date; raises DatabaseUnusable.

    It waits up to `patience` seconds for a database that does not accept connections yet. If it has
    to be `alone`, another server that uses the database is an error.
    """
    served = backend_of(engine)
    try:
        for warning in served.wait(engine, patience):
            _logger.warning("%s", warning)
        if alone:
            # First: the schema must not change under a server that runs.
            served.check_alone(engine)
        with engine.connect() as connection:
            found = check_schema(connection, shown(engine))
        if found not in (None, HEAD):
            served.before_upgrade(engine, found)
        with served.changing_schema(engine) as connection:
            # Again: until now, another start may have changed it.
            found = revision(connection)
            if found is None:
                _create(connection)
                served.own_metadata.create_all(connection, checkfirst=False)
            elif found != HEAD:
                _upgrade(connection)
    except SQLAlchemyError as error:
        raise unusable(engine, error) from error


def unusable(engine: Engine, error: BaseException | None) -> DatabaseUnusable:
    """Return the error for the operator for what a database has raised."""
    return backend_of(engine).explain(engine, error)


def check_schema(connection: Connection, name: str) -> str | None:
    """Return the version of the schema, None without one, of the database that is shown by a name.

    Raises DatabaseUnusable if this version of the server cannot start with it.
    """
    found = revision(connection)
    check_version(name, found, is_copy=copy_progress.is_unfinished(connection))
    return found


def check_version(name: str, found: str | None, *, is_copy: bool) -> None:
    """Raise DatabaseUnusable for a schema of a newer version, and for an unfinished copy."""
    if is_copy:
        raise DatabaseUnusable(
            _(
                "The database {file} is an unfinished copy: complete it by the same "
                "messenger db copy as before",
                file=name,
            )
        )
    if found not in (None, HEAD):
        _refuse_newer(name, found)


def revision(connection: Connection) -> str | None:
    """Return the version of the schema, None without one."""
    if not connection.dialect.has_table(connection, _VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def _create(connection: Connection) -> None:
    """Create today's tables: running all migrations takes four times as long."""
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(insert(_VERSION).values(version_num=HEAD))


def migrations() -> "Config":
    """Return Alembic's configuration."""
    from alembic.config import Config

    config = Config()
    # ConfigParser would interpolate a % in the path.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _refuse_newer(name: str, found: str | None) -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(migrations()).walk_revisions()
    if found not in {script.revision for script in scripts}:
        raise DatabaseUnusable(
            _(
                "The database {file} was made by a newer Messenger (version {version}): "
                "install that version, or choose another directory",
                file=name,
                version=found,
            ),
            setting="data",
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
