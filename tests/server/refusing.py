"""Databases that refuse rows, as a full or a failing one does."""

from sqlalchemy import Connection

_SQLITE = """CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN {condition}
             BEGIN SELECT {refusal}; END"""
_POSTGRESQL = (
    """CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{refusal}'; END $$""",
    """CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW WHEN ({condition})
       EXECUTE FUNCTION {name}()""",
)


def refuse_inserts(connection: Connection, table: str, condition: str = "true") -> None:
    """Make the database itself refuse new rows (NEW) of a table that meet the condition."""
    _refuse(connection, table, condition, "RAISE(ABORT, 'no')", "check_violation")


def refuse_data(connection: Connection, table: str, condition: str) -> None:
    """Make the database refuse such rows for what they contain (DataError)."""
    # A value over SQLite's limit is a DataError, as one that PostgreSQL cannot store.
    _refuse(connection, table, condition, "zeroblob(2000000000)", "data_exception")


def _refuse(
    connection: Connection, table: str, condition: str, of_sqlite: str, of_postgresql: str
) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    refusal = of_sqlite if is_sqlite else of_postgresql
    for statement in (_SQLITE,) if is_sqlite else _POSTGRESQL:
        connection.exec_driver_sql(
            statement.format(
                name=f"{of_postgresql}_{table}", table=table, condition=condition, refusal=refusal
            )
        )
