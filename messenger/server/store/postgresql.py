"""PostgreSQL: how the server connects to it, and what its errors mean to an operator."""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from messenger.language import N_, _
from messenger.server.store import (
    postgresql_journal,
    postgresql_lock,
    postgresql_numbers,
    postgresql_settings,
)
from messenger.server.store.backend import (
    PATIENCE,
    PAUSE,
    WRITER,
    DatabaseLocked,
    DatabaseUnusable,
    JournalStore,
    reason,
)
from messenger.server.store.postgresql_refusal import naming_refusals
from messenger.server.store.schema import keep_conditions

_logger = logging.getLogger("messenger.server")

journal: JournalStore = postgresql_journal
own_metadata = postgresql_numbers.own_metadata

share = postgresql_lock.share
check_alone = postgresql_lock.check_alone
lock_alone = postgresql_lock.lock_alone

# The most that a lost connection, or a server that stands still, holds up everybody else.
_PARAMETERS = {
    "application_name": "messenger",
    "connect_timeout": "2",  # seconds, for each host; psycopg takes no less
    "keepalives_idle": "1",  # seconds
    "keepalives_interval": "1",  # seconds
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",  # milliseconds
    # Of several hosts, the one that is not a standby: the server goes with a failover.
    "target_session_attrs": "read-write",
}
_OPTIONS = (
    # A server that hangs within a transaction loses its locks, for which others wait.
    "-c idle_in_transaction_session_timeout=2s"
    # Whoever waits for locks of a connection that is gone tries again, on a new one.
    " -c lock_timeout=5s"
    # Nobody waits longer for an answer. It does not end a commit, which may wait for a standby.
    f" -c statement_timeout={PATIENCE:.0f}s"
    # PostgreSQL notices that a server's host is gone, whose lock keeps another from starting.
    " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    # A plan that was made while a table was small would read all of it once it is large (measured).
    " -c plan_cache_mode=force_custom_plan"
)

_SCHEMA_LOCK = 0x6D657373  # "mess": a number that no other program takes by chance

# Classes of SQLSTATE, and codes, of a transaction that may succeed a moment later.
_TEMPORARY = (
    "08",  # the connection failed
    "40",  # deadlock, serialization failure
    "53",  # out of disk space, memory or connections
    "57P",  # shutdown, crash of another backend, starting up
    "25006",  # read-only: a standby, until it is promoted
    "25P03",  # idle in a transaction for too long
    "55P03",  # a lock was not available in time
    "57014",  # a statement took too long
)

# While connecting there is no SQLSTATE, only a text. Waiting helps with everything but these.
_REFUSED = re.compile(
    r"authentication failed|no password supplied|pg_hba\.conf|does not exist|permission denied"
    # Not every text with SSL in it: a connection over TLS that is lost is reported by one, too.
    r"|invalid (connection option|\S+ value)|certificate|support SSL|SSL off"
)

_MEANINGS = (
    ("XX00[12]", N_("The database {database} is damaged ({reason}): restore it from a backup")),
    (
        "53100",
        N_("There is no space left for the database {database}: free some disk space on its host"),
    ),
    (
        "42501|permission denied",
        N_(
            "The role {role} lacks rights in the database {database} ({reason}): "
            "make the role its owner"
        ),
    ),
    (
        "failed to resolve host",
        N_("The host of {database} cannot be found ({reason}): correct the setting database"),
    ),
    (
        "28P01|authentication failed|no password supplied",
        N_(
            "PostgreSQL refuses the password of the role {role} ({reason}): "
            "correct the setting database"
        ),
    ),
    (
        'role ".*" does not exist',
        N_("PostgreSQL has no role {role}: create it, or correct the setting database"),
    ),
    (
        r"28000|pg_hba\.conf",
        N_(
            "PostgreSQL refuses the role {role} ({reason}): create it, allow it in pg_hba.conf, "
            "or correct the setting database"
        ),
    ),
    (
        '3D000|database ".*" does not exist',
        N_("There is no database {database}: create it, or correct the setting database"),
    ),
    (
        "53300",
        N_(
            "PostgreSQL has no free connection for {database}: raise max_connections, or end "
            "other programs"
        ),
    ),
    (
        "25006|read-only",
        N_("The database {database} is a standby: promote it, or name its primary in the URL"),
    ),
    (
        "refused|[Tt]ime-?out|timed out|starting up|unreachable|No such file",
        N_(
            "PostgreSQL does not answer for {database} ({reason}): start it, or correct the "
            "setting database"
        ),
    ),
    ("", N_("The database {database} cannot be used ({reason}): check PostgreSQL and its log")),
)
"""What an error means, by its SQLSTATE or its text; the first that fits."""


def open_engine(url: str | URL, readers: int) -> Engine:
    """Return the engine, with connections for the writer and so many readers."""
    keep_conditions("postgresql")
    known = _url(url)
    missing = {name: value for name, value in _PARAMETERS.items() if name not in known.query}
    options = f"{_OPTIONS} {known.query.get('options', '')}".strip()  # the last one wins
    engine = create_engine(
        known.update_query_dict(missing | {"options": options}),
        hide_parameters=True,  # errors are logged, where no text of a user belongs
        pool_size=readers + 1,  # the writer has one, too
    )
    event.listen(engine, "handle_error", _hide_rows)
    return engine


def _hide_rows(context: ExceptionContext) -> None:
    if (raised := context.sqlalchemy_exception) is not None:
        postgresql_journal.without_rows(context.original_exception)
        raised.args = (f"({type(context.original_exception).__name__}) {reason(raised)}",)


def _url(url: str | URL) -> URL:
    """Return SQLAlchemy's URL for a URL of libpq, which may name several hosts."""
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise DatabaseUnusable(
            _(
                "PostgreSQL needs packages that are not installed ({reason}): "
                "pip install messenger[postgres]",
                reason=reason(error),
            )
        ) from error
    given = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    try:
        found = conninfo_to_dict(re.sub(r"^\w+(\+\w+)?:", "postgresql:", given))
    except ProgrammingError as error:
        raise ValueError(reason(error)) from error
    named = {name: str(found.pop(name)) for name in ("user", "password", "dbname") if name in found}
    return URL.create(
        "postgresql+psycopg",
        username=named.get("user"),
        password=named.get("password"),
        database=named.get("dbname"),
        query={name: str(value) for name, value in found.items()},
    )


def size(connection: Connection) -> int:
    """Return the size of the database in bytes, without the log, which other databases share."""
    return int(connection.scalar(text("SELECT pg_database_size(current_database())")))


def shown(engine: Engine) -> str:
    """Return the database's URL without its password, to show to people."""
    url = engine.url
    hosts, ports = (str(url.query.get(name, "")).split(",") for name in ("host", "port"))
    pairs = zip_longest(hosts, ports, fillvalue="")
    where = ",".join(f"{host}:{port}" if port else host for host, port in pairs)
    return f"postgresql://{where}/{url.database or ''}"


def wait(engine: Engine, seconds: float) -> Sequence[str]:
    """Wait until the database accepts connections; return warnings for the operator's log."""
    end = time.monotonic() + seconds
    told = False
    while True:
        try:
            with naming_refusals(engine), engine.connect() as connection:
                return _check(connection, shown(engine))
        except SQLAlchemyError as error:
            if not is_temporary(error) or time.monotonic() >= end:
                raise
            if not told:
                _logger.warning(
                    "The database %s is not available yet, waiting for it: %s",
                    *(shown(engine), reason(error)),
                )
                told = True
            time.sleep(PAUSE)


def _check(connection: Connection, name: str) -> list[str]:
    """Raise DatabaseUnusable if the server cannot use this database; return warnings."""
    warnings = []
    for finding in postgresql_settings.essential(connection, name):
        if finding.level == "failed":
            raise DatabaseUnusable(finding.text)
        if finding.level == "warning":
            warnings.append(finding.text)
    return warnings


@contextmanager
def changing_schema(engine: Engine) -> Iterator[Connection]:
    """Begin the transaction that may change the schema; another server's start waits for it."""
    connected = engine.connect().execution_options(**{WRITER: True})
    with connected as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
        yield connection


def before_upgrade(engine: Engine, found: str) -> None:
    """Keep nothing: an upgrade is one transaction, and PostgreSQL has its own backups."""


def explain(engine: Engine, error: BaseException | None) -> DatabaseUnusable:
    """Return the error for the operator for what PostgreSQL has raised."""
    if isinstance(error, DatabaseLocked):
        return DatabaseUnusable(
            _(
                "The database {database} is used by a server, or by messenger db copy: "
                "stop the one that runs",
                database=shown(engine),
            )
        )
    why = f"{_sqlstate(error)} {reason(error)}"
    said = next(said for pattern, said in _MEANINGS if re.search(pattern, why))
    role = engine.url.username or ""
    return DatabaseUnusable(_(said, database=shown(engine), role=role, reason=reason(error)))


def is_temporary(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed a moment later, on a new connection."""
    if state := _sqlstate(error):
        return state.startswith(_TEMPORARY)
    if not isinstance(error, DBAPIError):
        return False
    # Without a SQLSTATE the connection has failed, or was not made.
    is_lost = error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    return is_lost and not _REFUSED.search(str(error.orig))


def _sqlstate(error: BaseException | None) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""
