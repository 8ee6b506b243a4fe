"""Nobody can change or delete a row of the audit log, whatever reaches the database."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from messenger.server.store import database
from messenger.server.store.schema import audit
from tests.server.test_migrations import of_version

if TYPE_CHECKING:
    from tests.postgresql import Postgresql

_ROW = {
    "id": 1, "time": 1.5, "actor": "Иван", "origin": "::1", "action": "admin_block",
    "target": "名前", "before": None, "after": '{"blocked":true}',
}  # fmt: skip


def check_held(engine: Engine) -> None:
    """Check that a row of the audit log stays as it was written."""
    with database.writer(engine) as connection, connection.begin():
        connection.execute(insert(audit).values(_ROW))
    attacks = [
        update(audit).values(actor="somebody else"),
        delete(audit),
        insert(audit).values(_ROW),
        text("DELETE FROM audit WHERE id = 1"),
    ]
    if engine.dialect.name == "sqlite":
        attacks.append(
            text("REPLACE INTO audit SELECT id, 0, '', '', '', '', NULL, NULL FROM audit")
        )
    else:
        attacks.append(text("TRUNCATE audit"))
    for attack in attacks:
        with (
            database.writer(engine) as connection,
            pytest.raises(DatabaseError),
            connection.begin(),
        ):
            connection.execute(attack)
    with engine.connect() as connection:
        assert [dict(row) for row in connection.execute(select(audit)).mappings()] == [_ROW]


def test_a_row_of_the_audit_log_cannot_be_changed(new_engine: Callable[[], Engine]) -> None:
    check_held(new_engine())


def test_the_same_holds_in_a_database_that_was_upgraded(tmp_path: Path) -> None:
    engine = of_version("0008", tmp_path / "messenger.db")
    database.prepare(engine)

    check_held(engine)


def test_the_same_holds_in_an_upgraded_database_of_postgresql(postgresql: "Postgresql") -> None:
    engine = database.open_engine(postgresql.empty_database(), 1)
    config = database.migrations()
    with database.writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    check_held(engine)
