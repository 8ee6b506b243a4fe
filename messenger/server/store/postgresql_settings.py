"""Judges the version and the settings of a PostgreSQL database for a server that runs on it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from messenger.language import _
from messenger.server.store.backend import PATIENCE
from messenger.server.store.findings import Finding

OLDEST = 14
"""The oldest major version that still gets security fixes."""

_SHORTEST = 1000 * PATIENCE  # milliseconds: a page, or a batch, on a busy disk

# They exist in old versions, too, of which only that they are too old has to be said.
_ESSENTIAL = """SELECT current_setting('server_version_num')::int / 10000,
    current_setting('server_encoding'), current_setting('synchronous_commit'),
    current_setting('fsync')"""

# The connections of servers count as free: if one runs, it is the one that is checked for.
_FURTHER = """SELECT
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
    coalesce(inet_server_addr() <> inet_client_addr(), false),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
        - (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL AND usesysid IS NOT NULL
           AND application_name IS DISTINCT FROM 'messenger'),
    (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'),
    (SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')"""


def essential(connection: Connection, database: str) -> Iterator[Finding]:
    """Judge what a server must not, or should not, start with."""
    version, encoding, *durability = connection.exec_driver_sql(_ESSENTIAL).one()
    yield judge_version(version)
    yield judge_encoding(database, encoding)
    for name, value in zip(("synchronous_commit", "fsync"), durability, strict=True):
        yield _judge_durability(name, value)


def further(connection: Connection, readers: int) -> Iterator[Finding]:
    """Judge what else matters to a server with so many reading threads."""
    is_encrypted, is_remote, free, statement, idle = connection.exec_driver_sql(_FURTHER).one()
    yield judge_tls(is_encrypted=is_encrypted, is_remote=is_remote)
    yield judge_connections(free, readers)
    yield _judge_statements(statement)
    yield _judge_idleness(idle)


def judge_version(version: int) -> Finding:
    """Judge a major version."""
    if version >= OLDEST:
        return Finding(
            "version", "ok", _("The version of PostgreSQL is {version}", version=version)
        )
    said = _(
        "PostgreSQL {version} is too old for the server: upgrade it to {oldest} or later",
        version=version,
        oldest=OLDEST,
    )
    return Finding("version", "failed", said)


def judge_encoding(database: str, encoding: str) -> Finding:
    """Judge the encoding of texts."""
    if encoding == "UTF8":
        return Finding("encoding", "ok", _("The encoding is {encoding}", encoding="UTF8"))
    said = _(
        "The database {database} has the encoding {encoding}, which lacks characters: create "
        "it with ENCODING 'UTF8' TEMPLATE template0",
        database=database,
        encoding=encoding,
    )
    return Finding("encoding", "failed", said)


def judge_tls(*, is_encrypted: bool, is_remote: bool) -> Finding:
    """Judge whether anybody between the server and its database can listen."""
    if is_encrypted:
        return Finding("tls", "ok", _("The connection uses TLS"))
    if not is_remote:
        return Finding("tls", "ok", _("The connection stays on this machine, without TLS"))
    said = _("The connection leaves this machine without TLS: add sslmode=verify-full")
    return Finding("tls", "warning", said)


def judge_connections(free: int, readers: int) -> Finding:
    """Judge whether PostgreSQL has enough connections for a server: for its writer and readers."""
    needed = readers + 1
    if free >= needed:
        return Finding(
            "max_connections",
            "ok",
            _(
                "PostgreSQL has {free} free connections, the server needs {needed}",
                free=free,
                needed=needed,
            ),
        )
    said = _(
        "PostgreSQL has {free} free connections, the server needs {needed}: raise "
        "max_connections, or end other programs",
        free=free,
        needed=needed,
    )
    return Finding("max_connections", "warning", said)


def _judge_durability(name: str, value: str) -> Finding:
    if value != "off":
        return Finding(name, "ok", f"{name} = {value}")
    said = _(
        "{setting} is off in PostgreSQL: a crash of its host loses messages that were acknowledged",
        setting=name,
    )
    return Finding(name, "warning", said)


def _judge_statements(milliseconds: int) -> Finding:
    name = "statement_timeout"
    values: dict[str, Any] = {"setting": name, "milliseconds": milliseconds}
    if not milliseconds:
        said = _("{setting} is off: a query that hangs holds up all others", **values)
        return Finding(name, "warning", said)
    if milliseconds < _SHORTEST:
        said = _("{setting} is {milliseconds} ms: longer queries of the server fail", **values)
        return Finding(name, "warning", said)
    return Finding(name, "ok", f"{name} = {milliseconds} ms")


def _judge_idleness(milliseconds: int) -> Finding:
    name = "idle_in_transaction_session_timeout"
    if milliseconds:
        return Finding(name, "ok", f"{name} = {milliseconds} ms")
    said = _("{setting} is off: a server that hangs keeps its locks", setting=name)
    return Finding(name, "warning", said)
