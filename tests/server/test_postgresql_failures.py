"""PostgreSQL crashes, breaks connections off, or deadlocks: nothing is lost, nobody notices."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import Engine, insert, select

from messenger.jim.errors import ServerError
from messenger.server import read_pool, transactions
from messenger.server.append import Append
from messenger.server.connection import Connection
from messenger.server.journal import Journal
from messenger.server.read_pool import ReadPool
from messenger.server.records import Conversation, Session
from messenger.server.store import accounts, database, keys
from messenger.server.store.conversations import ConversationRow
from messenger.server.store.messages import page
from messenger.server.store.schema import accounts as account_table
from messenger.server.store.schema import devices, one_time_keys
from tests.postgresql import Postgresql, use_database
from tests.running import Talker, running, until
from tests.server.test_durability import (
    PlainWriter,
    Reader,
    Worker,
    Writer,
    assert_sound,
    at_work,
    whole_log,
)

BREAK_OFF = """SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
               WHERE application_name = 'messenger' AND pid <> pg_backend_pid()"""


_ids = itertools.count()


@pytest.fixture
def opened(postgresql: Postgresql) -> Iterator[Engine]:
    """A database of the server."""
    made = database.open_engine(postgresql.new_database(), 4)
    yield made
    made.dispose()


def crash(postgresql: Postgresql) -> None:
    """Have it crash, and start it again."""
    postgresql.stop("immediate")
    postgresql.start()


def break_off(postgresql: Postgresql) -> None:
    """Have it break all connections off, and wait until they are gone."""
    postgresql.execute(BREAK_OFF)


@pytest.mark.soak
@pytest.mark.parametrize("disturb", [crash, break_off])
def test_nothing_is_lost_and_nobody_notices(
    disturb: Callable[[Postgresql], None],
    own_postgresql: Postgresql,
    tmp_path: Path,
    seed: int,
    size: Callable[[int, int], int],
) -> None:
    use_database(tmp_path, own_postgresql.new_database())

    send_meanwhile(tmp_path, seed, [lambda: disturb(own_postgresql)] * size(2, 20))


def test_nothing_is_lost_if_a_synchronous_standby_takes_over(tmp_path: Path, seed: int) -> None:
    with ExitStack() as started:
        primary = Postgresql()
        started.callback(primary.close)
        url = primary.new_database()
        standby = Postgresql(primary=primary)
        started.callback(standby.close)
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        primary.execute("SELECT pg_reload_conf()")
        use_database(tmp_path, f"{url},{quote(str(standby.directory))}")

        def take_over() -> None:
            primary.kill()
            standby.promote()

        send_meanwhile(tmp_path, seed, [take_over])


def send_meanwhile(data: Path, seed: int, events: list[Callable[[], None]]) -> None:
    """Have clients send and read while this happens; check what they and the log have then."""
    chance = random.Random(seed)
    with running(data, "--limits", "off") as server:
        with Talker(server.port) as link:
            for name in ("auditor", "w1", "w2", "r1"):
                link.register_quickly(name)
        writers = [Writer(server, "w1"), Writer(server, "w2")]
        plain, readers = PlainWriter(server, "p1"), [Reader(server, "r1")]
        workers: list[Worker] = [*writers, plain, *readers]
        with at_work(workers):
            for event in events:
                for _ in range(chance.randint(10, 100)):
                    assert chance.choice(writers).done.acquire(timeout=60)
                event()
            for writer in writers:
                assert writer.done.acquire(timeout=60)

            for worker in (*writers, plain):
                worker.enough.set()
                worker.join(60)
            log = whole_log(server)
            until(lambda: len(readers[0].read) >= len(log), 60)
            assert [worker.lost for worker in workers] == [0, 0, 0, 0]
        assert server.stop() == 0
        for worker in workers:
            worker.join(60)
            assert not worker.is_alive()
        assert "trying again" in server.log()

    assert_sound(log, writers, plain, readers)


def test_a_query_is_repeated_on_a_new_connection(
    own_postgresql: Postgresql, tmp_path: Path
) -> None:
    use_database(tmp_path, own_postgresql.new_database())
    with running(tmp_path, "--limits", "off") as server, Talker(server.port) as ann:
        ann.register_quickly("ann")
        ann.log_in_fully("ann")
        for number in range(5):
            own_postgresql.execute(BREAK_OFF)
            assert ann.ask("history", conversation="#all", after=0)["response"] == 200
            assert ann.ask("msg", to="#all", message="x", id=str(number))["seq"] == number + 1
        assert "Traceback" not in server.log()


def test_a_commit_whose_answer_is_lost_counts(
    opened: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks between the commit and its answer: nothing is stored twice."""
    commit = opened.dialect.do_commit
    lost = []

    def lose(connection: Any) -> None:
        commit(connection)
        if len(lost) < 2:
            lost.append(connection)
            connection.driver_connection.close()
            raise psycopg.OperationalError("the connection is lost")

    async def run() -> tuple[int, list[int]]:
        journal = Journal(opened, asyncio.get_running_loop())
        await journal.write(lambda connection: None)
        monkeypatch.setattr(opened.dialect, "do_commit", lose)
        account = journal.write(accounts.create, "ann", "verifier")
        return await account, await appended(journal, "one", "two")

    account_id, numbers = asyncio.run(run())

    assert lost
    assert numbers == [1, 2]
    assert stored(opened) == [(1, "one"), (2, "two")]
    with opened.connect() as connection:
        assert connection.scalars(select(account_table.c.id)).all() == [account_id]


def test_a_transaction_that_was_not_committed_is_made_again(
    opened: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = opened.dialect.do_commit

    def fail(connection: Any) -> None:
        monkeypatch.undo()
        connection.driver_connection.close()
        commit(connection)

    async def run() -> list[int]:
        journal = Journal(opened, asyncio.get_running_loop())
        assert await appended(journal, "one") == [1]
        monkeypatch.setattr(opened.dialect, "do_commit", fail)
        return await appended(journal, "two", "three")

    assert asyncio.run(run()) == [2, 3]
    assert stored(opened) == [(1, "one"), (2, "two"), (3, "three")]


def test_a_deadlock_is_resolved_by_another_attempt(opened: Engine) -> None:
    """Another program locks two conversations in the other order."""

    async def run() -> None:
        journal = Journal(opened, asyncio.get_running_loop())
        await appended(journal, "one", conversation=1)
        await appended(journal, "one", conversation=2)
        with opened.connect() as other:
            lock = "SELECT last FROM numbers WHERE conversation_id = {} FOR UPDATE"
            # The server finds the deadlock first, and is its victim.
            other.exec_driver_sql("SET LOCAL deadlock_timeout = '1min'")
            other.exec_driver_sql("SET LOCAL lock_timeout = 0")
            other.exec_driver_sql(lock.format(2))
            waiting = asyncio.ensure_future(appended(journal, "two", conversation=(1, 2)))
            await asyncio.to_thread(until, lambda: is_waiting(opened))
            await asyncio.to_thread(other.exec_driver_sql, lock.format(1))
            other.rollback()
        assert await waiting == [2, 2]
        await journal.close()

    asyncio.run(run())


def test_what_waits_for_too_long_fails_with_a_time_to_try_again(
    own_postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change, a message and a query; afterwards each works on a new connection."""
    monkeypatch.setattr(transactions, "PATIENCE", 0.3)
    monkeypatch.setattr(read_pool, "PATIENCE", 0.3)
    opened = database.open_engine(own_postgresql.new_database(), 4)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        journal, readers = Journal(opened, loop), ReadPool(opened, loop, 1)
        assert await appended(journal, "one") == [1]
        assert await readers.read(accounts.find, "ann") is None
        own_postgresql.stop("immediate")
        try:
            for failing in (
                journal.write(accounts.create, "ann", "verifier"),
                readers.read(accounts.find, "ann"),
            ):
                with pytest.raises(ServerError) as raised:
                    await failing
                assert raised.value.retry_after
            assert await appended(journal, "two") == [0]
        finally:
            own_postgresql.start()
        assert await journal.write(accounts.create, "ann", "verifier")
        assert await readers.read(accounts.find, "ann") is not None
        assert await appended(journal, "three") == [2]
        await readers.close()
        await journal.close()

    asyncio.run(run())
    opened.dispose()


def test_numbers_of_another_server_are_counted(opened: Engine) -> None:
    """Of two servers on one database each counts on, densely, whatever it has in memory."""

    async def run() -> list[list[int]]:
        journals = [Journal(opened, asyncio.get_running_loop()) for _ in range(2)]
        numbers = [await appended(journals[turn % 2], str(turn), "x") for turn in range(6)]
        for journal in journals:
            await journal.close()
        return numbers

    assert list(itertools.chain(*asyncio.run(run()))) == list(range(1, 13))


def test_a_one_time_key_is_claimed_once(opened: Engine, size: Callable[[int, int], int]) -> None:
    """By whichever of several threads, each with transactions of its own."""
    count = size(200, 10_000)
    with opened.begin() as connection:
        ann = accounts.create(connection, "ann", "verifier")
        device = {"account_id": ann, "public_id": "d", "created_at": 0.0}
        number = connection.scalar(insert(devices).returning(devices.c.id), device)
        rows = [{"device_row": number, "key_id": f"{one}", "key": "k"} for one in range(count)]
        connection.execute(insert(one_time_keys), rows)

    def claim(turn: int) -> list[str]:
        with opened.connect() as connection:
            found = []
            for _ in range(count // 4):
                (row,) = keys.claim(connection, [("ann", "d", True)])
                connection.commit()
                assert row is not None
                found.append(row.key_id)
            return found

    with ThreadPoolExecutor(4) as pool:
        claimed = list(itertools.chain(*pool.map(claim, range(4))))

    assert len(claimed) == len(set(claimed)) == count


# --- helpers -------------------------------------------------------------------------------------


async def appended(
    journal: Journal, *texts: str, conversation: int | tuple[int, ...] = 1
) -> list[int]:
    """Append texts in one transaction, each under an id of its own; return their numbers."""
    done: asyncio.Future[list[Append]] = asyncio.get_running_loop().create_future()
    journal._subscribers = [done.set_result]
    session = Session(cast("Connection", None), "", 0)
    numbers = conversation if isinstance(conversation, tuple) else (conversation,)
    for room in [Conversation(ConversationRow(number)) for number in numbers]:
        for text in texts:
            frame = json.dumps({"message": text}).encode()
            sent_id = f"{next(_ids)}"
            journal.append(Append(room, session, 1, sent_id, frame, None))
    return [entry.seq for entry in await asyncio.wait_for(done, 60)]


def stored(opened: Engine) -> list[tuple[int, str]]:
    """Return the numbers and texts of the conversation."""
    with opened.connect() as connection:
        return [(row.seq, json.loads(row.frame)["message"]) for row in page(connection, 1, after=0)]


def is_waiting(opened: Engine) -> bool:
    """Tell whether a connection to the database waits for a lock."""
    with opened.connect() as connection:
        query = """SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'"""
        return bool(connection.exec_driver_sql(query).scalar())
