"""Brings a client's database of an earlier version up to date."""

import time
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import fulltext, older_keys, renaming
from messenger.sdk.store.schema import WAITING_POSITION, metadata

SCHEMA_VERSION = 12
"""Incremented with every change of the tables: a database of this version is used as it is."""

# A column that is added as NOT NULL needs a default (SQLite, ALTER TABLE).
_ADDED = (
    ("messages", "security TEXT NOT NULL DEFAULT ''"),
    ("messages", "stored FLOAT NOT NULL DEFAULT 0"),
    ("conversations", "encrypted BOOLEAN NOT NULL DEFAULT 0"),
    ("conversations", "history BOOLEAN NOT NULL DEFAULT 0"),
    ("olm_sessions", "ed25519 TEXT NOT NULL DEFAULT ''"),
    ("shared", "curve25519 TEXT NOT NULL DEFAULT ''"),
    ("shared", "ed25519 TEXT NOT NULL DEFAULT ''"),
    ("inbound_sessions", "curve25519 TEXT NOT NULL DEFAULT ''"),
    ("inbound_sessions", "ed25519 TEXT NOT NULL DEFAULT ''"),
    ("inbound_sessions", "signed_by TEXT NOT NULL DEFAULT ''"),
    ("inbound_sessions", "shared_history BOOLEAN NOT NULL DEFAULT 0"),
    ("inbound_sessions", "proved BOOLEAN NOT NULL DEFAULT 0"),
    ("messages", "said_time FLOAT"),
    ("messages", "signed_by TEXT NOT NULL DEFAULT ''"),
    ("conversations", "joined FLOAT NOT NULL DEFAULT 0"),
    ("inbound_sessions", "kept_at FLOAT NOT NULL DEFAULT 0"),
    ("waiting", "position INTEGER"),
    ("conversations", "muted_until FLOAT NOT NULL DEFAULT 0"),
    ("conversations", "pinned BOOLEAN NOT NULL DEFAULT 0"),
    ("conversations", "draft TEXT NOT NULL DEFAULT ''"),
    ("messages", "mentions BOOLEAN NOT NULL DEFAULT 0"),
)


def _date(connection: Connection) -> None:
    """Take the time of writing for the time of arrival, which was not stored."""
    connection.exec_driver_sql("UPDATE messages SET stored = time WHERE stored = 0")


def _index_waiting(connection: Connection) -> None:
    WAITING_POSITION.create(connection, checkfirst=True)


def _index(connection: Connection) -> None:
    """Create the indexes of the renamed tables."""
    for table in metadata.sorted_tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _index_anew(connection: Connection) -> None:
    """Create the index of unnumbered messages with other columns, and those that are new."""
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_messages_unnumbered")
    _index(connection)


def _mute_for_good(connection: Connection) -> None:
    """Give what was muted an end that never comes."""
    columns = {found["name"] for found in inspect(connection).get_columns("conversations")}
    if "muted" in columns:
        connection.exec_driver_sql("UPDATE conversations SET muted_until = 9e999 WHERE muted")
        connection.exec_driver_sql("ALTER TABLE conversations DROP COLUMN muted")


_STEPS = (
    (4, _date),
    (5, older_keys.complete),
    (6, older_keys.note_trust_records),
    (7, older_keys.name_sessions),
    (8, _index_waiting),
    (9, older_keys.note_unused),
    (10, _index),
    (11, _mute_for_good),
    (11, _index_anew),
    (11, fulltext.build),
)
"""(version, migration): each runs on databases of an earlier version, in this order."""


def _create(connection: Connection) -> None:
    """Create the tables, at the driver's level: a program may have many databases in memory."""
    driver: Any = connection.connection.driver_connection
    for statement in (*_tables(), *fulltext.SCHEMA, f"PRAGMA user_version={SCHEMA_VERSION}"):
        driver.execute(statement)


@cache
def _tables() -> list[str]:
    """Return the DDL, cached: SQLAlchemy takes longer to compile it than SQLite to run it."""
    tables = metadata.sorted_tables
    parts: list[ExecutableDDLElement] = [
        *(CreateTable(table, if_not_exists=True) for table in tables),
        *(CreateIndex(index, if_not_exists=True) for table in tables for index in table.indexes),
    ]
    return [str(part.compile(dialect=sqlite.dialect())) for part in parts]


def _add_columns(connection: Connection) -> None:
    for table, column in _ADDED:
        known = {found["name"] for found in inspect(connection).get_columns(table)}
        if column.split()[0] not in known:
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
            if column.startswith("kept_at "):
                # As if all had just arrived: sessions in use must not be deleted as old ones.
                connection.exec_driver_sql(
                    "UPDATE inbound_sessions SET kept_at = ?", (time.time(),)
                )


def migrate(connection: Connection, file: Path | None) -> None:
    """Create the tables, or bring existing ones up to date.

    Raises StoreUnusable for a database of a later version.
    """
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version > SCHEMA_VERSION:
        raise StoreUnusable(
            _(
                "The local database {file} was created by a newer version of Messenger: install "
                "that version",
                file=file,
            )
        )
    if version == SCHEMA_VERSION:
        return
    if not version:
        _create(connection)
        return
    # First: the other steps use the current names of the tables.
    renaming.rename(connection)
    metadata.create_all(connection)
    _add_columns(connection)
    for since, bring_up_to_date in _STEPS:
        if version < since:
            bring_up_to_date(connection)
    connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
