"""PostgreSQL has no space left, or ends a statement that takes too long: the server tries again."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import Engine

from messenger.jim.errors import ServerError
from messenger.server import transactions
from messenger.server.journal import Journal
from messenger.server.store import accounts, database
from tests.postgresql import Postgresql, use_database
from tests.running import RunningServer, Talker
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
_IMPATIENT = """
import sys
from messenger.__main__ import main
from messenger.server import transactions
transactions.PATIENCE = 0.3
sys.exit(main(["server", *sys.argv[1:]]))
"""
_MEND = "DROP FUNCTION fail CASCADE; DROP SEQUENCE attempts"


@pytest.fixture
def url(postgresql: Postgresql) -> str:
    """A database of the server, which waits for statements and locks for a moment only."""
    options = quote("-c statement_timeout=300ms -c lock_timeout=100ms")
    return f"{postgresql.new_database()}&options={options}"


@pytest.fixture
def opened(url: str) -> Iterator[Engine]:
    """The same, opened."""
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


@contextmanager
def full(opened: Engine) -> Iterator[None]:
    """Have no space left for messages."""
    break_table(opened, "messages", _FULL)
    yield
    change(opened, _MEND)


@contextmanager
def slow(opened: Engine) -> Iterator[None]:
    """Have every message take longer than a statement may."""
    break_table(opened, "messages", _SLOW)
    yield
    change(opened, _MEND)


@contextmanager
def locked(opened: Engine) -> Iterator[None]:
    """Have another program lock the messages against writing."""
    with opened.connect() as connection:
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.exec_driver_sql("LOCK TABLE messages IN EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize("failing", [full, slow, locked])
def test_two_people_who_talk_hear_when_to_try_again_and_go_on(
    failing: Callable[[Engine], AbstractContextManager[None]],
    opened: Engine,
    url: str,
    tmp_path: Path,
) -> None:
    """Over a real server's sockets: none of them ends, and what was acknowledged stays."""
    use_database(tmp_path, url)
    with (
        impatient_server(tmp_path) as server,
        Talker(server.port) as ann,
        Talker(server.port) as bob,
    ):
        for link, name in ((ann, "ann"), (bob, "bob")):
            link.register_quickly(name)
            assert link.log_in_fully(name)["response"] == 200
        for number, link in enumerate((ann, bob), 1):
            assert say(link, f"before {number}")["seq"] == number

        with failing(opened):
            for link in (ann, bob):
                refused = say(link, f"refused {link.name}")
                assert refused["response"] == 500
                assert refused["retry_after"] == 5
                assert texts(link) == ["before 1", "before 2"]
        for number, link in enumerate((ann, bob), 3):
            assert say(link, f"refused {link.name}")["seq"] == number

        expected = ["before 1", "before 2", "refused ann", "refused bob"]
        assert texts(ann) == texts(bob) == expected
        assert "The database cannot be written" in server.log()
        assert server.stop() == 0


def test_a_commit_that_waits_for_a_standby_is_not_ended_by_the_timeout(
    own_postgresql: Postgresql,
) -> None:
    """Ending the wait would acknowledge what the standby does not have."""
    url = f"{own_postgresql.new_database()}&options=-c%20statement_timeout%3D100ms"
    engine = database.open_engine(url, 1)
    texts: list[str] = []

    async def appended_until_one_waits(journal: Journal) -> asyncio.Future[list[int]]:
        # The setting is applied by another process of PostgreSQL, some time later.
        for number in range(10_000):
            texts.append(f"message {number}")
            appending = asyncio.ensure_future(appended(journal, texts[-1]))
            while not appending.done():
                if await asyncio.to_thread(is_waiting_for_long, own_postgresql):
                    return appending
        raise AssertionError("no commit waits for a standby")

    async def run() -> None:
        journal = Journal(engine, asyncio.get_running_loop())
        set_standby(own_postgresql, "absent")
        try:
            waiting = await appended_until_one_waits(journal)
            assert not waiting.done()
        finally:
            set_standby(own_postgresql, "")
        assert await waiting == [len(texts)]
        await journal.close()

    asyncio.run(run())
    assert [text for _number, text in stored(engine)] == texts
    engine.dispose()


def is_waiting_for_long(server: Postgresql) -> bool:
    """Whether a commit waits for a standby for longer than statements may take in this test."""
    with psycopg.connect(server.url("postgres")) as connection:
        query = """SELECT bool_or(now() - query_start > '500ms') FROM pg_stat_activity
                   WHERE wait_event = 'SyncRep'"""
        (found,) = connection.execute(query).fetchone() or (None,)
        return bool(found)


def set_standby(server: Postgresql, name: str) -> None:
    """Have commits wait for a standby of this name, or for none."""
    server.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    server.execute("SELECT pg_reload_conf()")


@contextmanager
def impatient_server(data: Path) -> Iterator[RunningServer]:
    """Run a server that tries again for a moment only, to keep the test short."""
    server = RunningServer(data, "--limits", "off", program=("-c", _IMPATIENT))
    try:
        yield server
    finally:
        server.end()


def say(link: Talker, text: str) -> dict[str, object]:
    """Write to all, under an id that is the text; return the answer."""
    return link.ask("msg", to="#all", message=text, id=text)


def texts(link: Talker) -> list[str]:
    """Return the texts of the common chat's log."""
    page = link.ask("history", conversation="#all", after=0)
    assert page["response"] == 200
    return [one["message"] for one in page["messages"]]


def break_table(opened: Engine, table: str, failure: str, attempts: int = 1_000_000) -> None:
    """Have so many attempts to insert into the table fail."""
    change(opened, _TRIGGER.format(table=table, failure=failure, attempts=attempts))


def change(opened: Engine, statements: str) -> None:
    """Change the schema."""
    with opened.begin() as connection:
        connection.exec_driver_sql(statements)
