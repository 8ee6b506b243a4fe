"""A database of an earlier version is upgraded, and keeps its rows."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, MetaData, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from messenger.server.store import database, messages, sqlite_journal
from messenger.server.store.schema import keep_conditions, metadata

_scripts = ScriptDirectory.from_config(database.migrations())
REVISIONS = [script.revision for script in _scripts.walk_revisions()]

_ASKED = (
    """SELECT made.name, wr, found.name, found.type, "notnull", dflt_value, pk
       FROM pragma_table_list AS made, pragma_table_info(made.name) AS found""",
    """SELECT made.name, "table", "from", "to"
       FROM pragma_table_list AS made, pragma_foreign_key_list(made.name)""",
    """SELECT made.name, "unique", origin, partial, place.name
       FROM pragma_table_list AS made, pragma_index_list(made.name) AS kept,
            pragma_index_info(kept.name) AS place""",
    "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL",
)


_RECEIPT = {"conversation_id": 1, "account_id": 1, "read": 7}
_RENAMED = {"marks": "receipts", "letters": "to_device_messages"}


def test_the_version_of_the_program_is_that_of_the_last_migration() -> None:
    assert REVISIONS[0] == database.HEAD


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_an_earlier_version_keeps_its_rows_and_is_upgraded(
    tmp_path: Path, revision: str
) -> None:
    engine = of_version(revision, tmp_path / "messenger.db")
    before = _rows(engine)

    database.prepare(engine)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    after = _rows(engine)
    before.pop("sent_ids", None)  # an index today
    for table, rows in before.items():
        now = after[_RENAMED.get(table, table)]
        assert [found | kept for found, kept in zip(now, rows, strict=True)] == now
    copies = [copy.name for copy in tmp_path.glob("*.backup")]
    assert copies == ([f"messenger.db.{revision}.backup"] if revision != database.HEAD else [])


def test_a_message_of_an_earlier_version_is_known_when_it_is_sent_again(tmp_path: Path) -> None:
    engine = of_version("0006", tmp_path / "messenger.db")
    with database.writer(engine) as connection, connection.begin():
        for statement in (
            "INSERT INTO messages VALUES (4294967297, 1, 1.0, 'sent', '{}')",
            "INSERT INTO messages VALUES (4294967298, 1, 1.0, NULL, '{}')",
            "INSERT INTO sent_ids VALUES (1, 'sent', 4294967297)",
        ):
            connection.exec_driver_sql(statement)

    database.prepare(engine)

    with database.writer(engine) as connection, connection.begin():
        row = (4294967299, 1, 2.0, "{}", "sent")
        assert not sqlite_journal.append_with_ids(connection, [row])
        assert messages.known_ids(connection, [(1, "sent")]) == {(1, "sent"): 1}


def test_an_upgraded_account_knows_its_last_login_and_what_it_has_sent(tmp_path: Path) -> None:
    engine = of_version("0008", tmp_path / "messenger.db")
    with database.writer(engine) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM messages")
        for number, (time, address) in enumerate([(7.5, "::1"), (9.25, "10.0.0.1")], 1):
            connection.exec_driver_sql(
                f"INSERT INTO logins VALUES ({number}, 1, {time}, '{address}', '')"
            )
            connection.exec_driver_sql(
                f"INSERT INTO messages VALUES ({4294967296 + number}, 1, {time}, NULL, '{{Ж}}')"
            )

    database.prepare(engine)

    with engine.connect() as connection:
        asked = "SELECT role, last_login, last_address, messages, bytes, removed_at FROM accounts"
        assert connection.exec_driver_sql(asked).all() == [("user", 9.25, "10.0.0.1", 2, 8, None)]


def test_a_partial_index_is_the_same_on_postgresql() -> None:
    keep_conditions("postgresql")

    made = {
        str(index.name): str(CreateIndex(index).compile(dialect=postgresql.dialect()))
        for table in metadata.tables.values()
        for index in table.indexes
    }

    assert made["uq_conversations_room"].endswith("(room) WHERE closed_at IS NULL")
    assert [name for name, text in made.items() if "WHERE" in text] == [
        index.name
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    ]


def test_a_new_database_has_the_schema_that_the_migrations_make(tmp_path: Path) -> None:
    migrated = of_version(database.HEAD, tmp_path / "migrated.db")
    new = database.open_engine(URL.create("sqlite", database=str(tmp_path / "new.db")), 1)

    database.prepare(new)

    assert _schema(new) == _schema(migrated)
    database.prepare(new)  # and it is taken for one of this version
    assert [file.name for file in tmp_path.glob("*.backup")] == []


def of_version(revision: str, file: Path) -> Engine:
    """Create a database as an earlier version did, with a room and a person in it."""
    engine = database.open_engine(URL.create("sqlite", database=str(file)), 1)
    config = database.migrations()
    with database.writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = MetaData()
        tables.reflect(connection)
        for table, values in {
            "accounts": {"id": 1, "name": "Иван", "name_key": "иван", "created_at": 1.0},
            "conversations": {"id": 1, "room": "#кухня", "creator_id": 1, "created_at": 1.0},
            "members": {"conversation_id": 1, "account_id": 1},
            "receipts" if revision >= "0006" else "marks": _RECEIPT,
            "contacts": {"owner_id": 1, "contact_id": 1},
        }.items():
            connection.execute(insert(tables.tables[table]).values(values))
    return engine


def _schema(engine: Engine) -> list[set[object]]:
    """Return what SQLite knows of tables, in whatever order they and their columns were made."""
    with engine.connect() as connection:
        return [set(map(tuple, connection.exec_driver_sql(asked))) for asked in _ASKED]


def _rows(engine: Engine) -> dict[str, list[dict[str, object]]]:
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for name, table in tables.tables.items()
            if name not in ("alembic_version", "name_looks")
        }
