"""What is in the SQLite file of a backup: its version, its soundness, and hashes of its tables."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from messenger.language import _
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.manifest import TableContent
from messenger.server.database_copy.comparison import Digest

_BATCH = 2_000  # rows that are hashed at a time: a step of the progress
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_VERSION = "SELECT version_num FROM alembic_version"


def schema_of(file: Path) -> str | None:
    """Return the version of the schema, None without one; raises BackupFailed if it is damaged."""
    with closing(_open(file)) as connection:
        if "alembic_version" not in _tables(connection, file):
            return None
        rows = _ask(connection, file, _VERSION)
        return str(rows[0][0]) if rows else None


def is_unfinished_copy(file: Path) -> bool:
    """Tell whether the database is a part of a copy that was interrupted."""
    with closing(_open(file)) as connection:
        return "copy_progress" in _tables(connection, file)


def check_sound(file: Path) -> None:
    """Have SQLite check every page and every reference; raises BackupFailed."""
    with closing(_open(file)) as connection:
        for check in ("integrity_check(1)", "foreign_key_check"):
            found = _ask(connection, file, f"PRAGMA {check}")
            if found and found != [("ok",)]:
                raise _damaged(file, " ".join(map(str, found[0])))


def count_rows(file: Path) -> int:
    """Return the number of rows of all tables."""
    with closing(_open(file)) as connection:
        return sum(
            int(_ask(connection, file, f"SELECT count(*) FROM {_quoted(table)}")[0][0])  # noqa: S608  quoted
            for table in _tables(connection, file)
        )


def tables_of(file: Path, on_rows: Callable[[int], None]) -> dict[str, TableContent]:
    """Return the number and the hash of each table's rows; raises BackupFailed.

    They are of the values as they are stored, so that any version of Messenger finds the same.
    """
    found = {}
    with closing(_open(file)) as connection:
        for table in _tables(connection, file):
            digest = Digest()
            for rows in _rows(connection, file, table):
                digest = digest.with_rows(rows)
                on_rows(len(rows))
            found[table] = TableContent(digest.rows, f"{digest.total:032x}")
    return found


def _open(file: Path) -> Any:
    import sqlcipher3.dbapi2 as sqlite

    # Nobody writes it, and no files are made beside it.
    return sqlite.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _tables(connection: Any, file: Path) -> list[str]:
    return sorted(str(row[0]) for row in _ask(connection, file, _TABLES))


def _rows(connection: Any, file: Path, table: str) -> Iterator[list[Any]]:
    import sqlcipher3.dbapi2 as sqlite

    try:
        cursor = connection.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608  quoted
        while rows := cursor.fetchmany(_BATCH):
            yield rows
    except sqlite.Error as error:
        raise _damaged(file, str(error)) from error


def _ask(connection: Any, file: Path, query: str) -> list[Any]:
    import sqlcipher3.dbapi2 as sqlite

    try:
        found: list[Any] = connection.execute(query).fetchall()
    except sqlite.Error as error:
        raise _damaged(file, str(error)) from error
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(file: Path, why: str) -> BackupFailed:
    return BackupFailed(
        _("The database {file} is damaged ({reason}): use another backup", file=file, reason=why)
    )
