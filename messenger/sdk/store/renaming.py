"""Renames tables, columns and values of an earlier database to their current names."""

from sqlalchemy import Connection, inspect

TABLES = (
    ("channels", "olm_sessions"),
    ("own_groups", "outbound_sessions"),
    ("groups", "inbound_sessions"),
    ("opened", "decrypted"),
    ("decisions", "trust_records"),
)
COLUMNS = (
    ("messages", "lock", "security"),
    ("conversations", "sealed", "encrypted"),
    ("devices", "ident", "device_id"),
    ("shared", "ident", "device_id"),
    ("inbound_sessions", "ident", "device_id"),
    ("waiting", "sealed", "encrypted"),
    ("outgoing", "sealed", "encrypted"),
)
VALUES = (
    ("messages", "security", "sealed", "encrypted"),
    ("messages", "security", "forged", "invalid"),
    ("messages", "security", "plain", "downgraded"),
    ("profile", "name", "letters", "to_device"),
    ("profile", "name", "decisions_of", "trust_records_of"),
    ("profile", "name", "unshared_decisions", "unshared_trust_records"),
)


def rename(connection: Connection) -> None:
    """Rename what exists; SQLite updates indexes and triggers itself.

    Indexes of renamed tables are dropped: `migrating` creates them under their current names.
    """
    run = connection.exec_driver_sql
    found = inspect(connection)
    tables = set(found.get_table_names())
    for old, new in TABLES:
        if old in tables:
            for index in found.get_indexes(old):
                run(f"DROP INDEX {index['name']}")
            run(f"ALTER TABLE {old} RENAME TO {new}")
    for table, old, new in COLUMNS:
        if old in _columns(connection, table):
            run(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    for table, column, old, new in VALUES:
        if column in _columns(connection, table):
            run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))


def _columns(connection: Connection, table: str) -> set[str]:
    return {row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")}
