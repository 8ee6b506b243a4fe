"""The table by which a database is known as an unfinished copy, and how far it has come."""

import ast
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
)

Key = tuple[int | str | bytes, ...]
"""The values of a primary key."""

_WHOLE = ""  # the row of the copy itself, which names its source

# Not one of the server's tables: it exists during a copy only.
progress = Table(
    "copy_progress",
    MetaData(),
    Column("table_name", String(64), primary_key=True),
    Column("source", String(64)),  # of the row of the copy itself
    Column("last_key", Text),
    Column("rows", BigInteger),
)


class Position(NamedTuple):
    """How far a table is copied: its last key, and the number of its rows so far."""

    last_key: Key | None = None
    rows: int = 0


def is_unfinished(connection: Connection) -> bool:
    """Tell whether the database is a copy that was interrupted."""
    return inspect(connection).has_table(progress.name)


def begin(connection: Connection, source: str) -> None:
    """Mark an empty database as a copy of this source."""
    progress.create(connection)
    connection.execute(insert(progress).values(table_name=_WHOLE, source=source))


def source_of(connection: Connection) -> str | None:
    """Return of which source the database is an unfinished copy."""
    query = select(progress.c.source).where(progress.c.table_name == _WHOLE)
    return connection.scalar(query)


def position(connection: Connection, table: str) -> Position:
    """Return how far a table is copied."""
    query = select(progress.c.last_key, progress.c.rows).where(progress.c.table_name == table)
    row = connection.execute(query).first()
    return Position(ast.literal_eval(row.last_key), row.rows) if row else Position()


def advance(connection: Connection, table: str, reached: Position) -> None:
    """Store how far a table is copied, in the transaction that writes its rows."""
    connection.execute(delete(progress).where(progress.c.table_name == table))
    # Python's notation tells text and bytes apart, and escapes whatever a column would refuse.
    row = {"table_name": table, "last_key": ascii(reached.last_key), "rows": reached.rows}
    connection.execute(insert(progress).values(row))


def end(connection: Connection) -> None:
    """Remove the mark of an unfinished copy."""
    progress.drop(connection)
