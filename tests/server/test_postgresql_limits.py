"""PostgreSQL has no space left, or ends a statement that takes too long: the server tries again."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from messenger.jim.errors import ServerError
from messenger.server import transactions
from messenger.server.journal import Journal
from messenger.server.store import accounts, database
from tests.postgresql import Postgresql
from tests.server.test_postgresql_failures import appended, stored

_FULL = "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'"
_SLOW = "PERFORM pg_sleep(600)"

_TRIGGER = """
CREATE SEQUENCE attempts;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    -- A sequence counts attempts that are rolled back, too.
    IF nextval('attempts') <= {attempts} THEN {failure}; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail();
"""
_MEND = "DROP FUNCTION fail CASCADE; DROP SEQUENCE attempts"


@pytest.fixture
def opened(postgresql: Postgresql) -> Iterator[Engine]:
    """A database of the server, which ends statements that take longer than a moment."""
    url = f"{postgresql.new_database()}&options=-c%20statement_timeout%3D300ms"
    made = database.open_engine(url, 1)
    yield made
    made.dispose()


@pytest.mark.parametrize("failure", [_FULL, _SLOW], ids=["full", "slow"])
def test_what_passes_soon_is_not_noticed(opened: Engine, failure: str) -> None:
    async def run() -> None:
        journal = Journal(opened, asyncio.get_running_loop())
        assert await appended(journal, "one") == [1]
        break_table(opened, "messages", failure, attempts=2)
        assert await appended(journal, "two", "three") == [2, 3]
        change(opened, _MEND)
        break_table(opened, "accounts", failure, attempts=2)
        assert await journal.write(accounts.create, "ann", "verifier")
        await journal.close()

    asyncio.run(run())
    assert stored(opened) == [(1, "one"), (2, "two"), (3, "three")]


@pytest.mark.parametrize("failure", [_FULL, _SLOW], ids=["full", "slow"])
def test_what_lasts_fails_with_a_time_to_try_again_and_heals(
    opened: Engine, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    monkeypatch.setattr(transactions, "PATIENCE", 0.2)

    async def run() -> None:
        journal = Journal(opened, asyncio.get_running_loop())
        assert await appended(journal, "one") == [1]
        break_table(opened, "messages", failure)
        assert await appended(journal, "two") == [0]
        change(opened, _MEND)
        break_table(opened, "accounts", failure)
        with pytest.raises(ServerError) as raised:
            await journal.write(accounts.create, "ann", "verifier")
        assert raised.value.retry_after
        change(opened, _MEND)
        assert await appended(journal, "three") == [2]
        assert await journal.write(accounts.create, "ann", "verifier")
        await journal.close()

    asyncio.run(run())
    assert stored(opened) == [(1, "one"), (2, "three")]


def break_table(opened: Engine, table: str, failure: str, attempts: int = 1_000_000) -> None:
    """Have so many attempts to insert into the table fail."""
    change(opened, _TRIGGER.format(table=table, failure=failure, attempts=attempts))


def change(opened: Engine, statements: str) -> None:
    """Change the schema."""
    with opened.begin() as connection:
        connection.exec_driver_sql(statements)
