"""INSERT with ON CONFLICT, which SQLAlchemy has once for each database."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT into the table to which ON CONFLICT can be added."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    # This import is a tenth of the server's start, and most servers run without it.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
