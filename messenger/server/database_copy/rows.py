"""Reads and writes the rows of any table, in the quickest way that each database has."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select, tuple_
from sqlalchemy.exc import DataError, IntegrityError

from messenger.language import _
from messenger.server.database_copy.errors import CannotCopy
from messenger.server.store.copy_progress import Key

_BATCH = 2_000  # rows in a transaction: a commit costs as much as some 500, the longest are 256 KiB

Row = tuple[Any, ...]
"""The values of a row in the order of the table's columns."""


def batches(connection: Connection, table: Table, after: Key | None = None) -> Iterator[list[Row]]:
    """Return the rows of a table in the order of their keys, from the one after a key."""
    keys = list(table.primary_key.columns)
    query = select(table).order_by(*keys)
    if after:
        query = query.where(tuple_(*keys) > tuple_(*after))
    return _streamed(connection, query)


def unordered_batches(connection: Connection, table: Table) -> Iterator[list[Row]]:
    """Return the rows of a table in any order."""
    return _streamed(connection, select(table))


def key_of(table: Table, row: Row) -> Key:
    """Return the values of a row's primary key."""
    return tuple(
        value for column, value in zip(table.columns, row, strict=True) if column.primary_key
    )


def write(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; raises CannotCopy if the database cannot store one of them."""
    try:
        # What fails is taken out again, so that the row that is refused can be looked for.
        with connection.begin_nested():
            _insert(connection, table, rows)
    except (DataError, IntegrityError) as error:
        if len(rows) > 1:
            half = len(rows) // 2
            write(connection, table, rows[:half])
            write(connection, table, rows[half:])
            return
        raise CannotCopy(
            _(
                "The row {key} of the table {table} cannot be stored ({reason}): correct it in the "
                "source",
                key=", ".join(map(str, key_of(table, rows[0]))),
                table=table.name,
                reason=" ".join(str(error.orig).split()),
            )
        ) from error


def _streamed(connection: Connection, query: Any) -> Iterator[list[Row]]:
    # Without the option psycopg would hold the whole table in memory.
    streaming = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
    for rows in streaming.execute(query).partitions(_BATCH):
        yield [tuple(row) for row in rows]


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    if connection.dialect.name == "postgresql":
        # For PostgreSQL only, like its driver.
        from messenger.server.store.postgresql_journal import copy_rows

        copy_rows(connection, f"{quote(table.name)} ({columns})", rows)
    else:
        places = ", ".join("?" * len(table.columns))
        insert = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({places})"  # noqa: S608  names of our schema only
        connection.exec_driver_sql(insert, list(rows))
