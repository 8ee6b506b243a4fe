"""The figures of a running server: every message is in them, and none twice."""

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from sqlalchemy import select

from messenger.jim.errors import ServerError
from messenger.server.store import statistics as store
from messenger.server.store.schema import accounts
from messenger.server.store.statistics import Point
from tests.in_process import InProcessServer
from tests.running import RunningServer, Talker

Start = Callable[..., RunningServer]


def stored(server: RunningServer) -> tuple[list[Point], dict[str, tuple[int, int]]]:
    """Return the minutes of the last hour, and messages and bytes by account."""
    engine = server.open_database()
    with engine.connect() as connection:
        points = store.series(connection, "hour", time.time())[1]
        columns = select(accounts.c.name, accounts.c.messages, accounts.c.bytes)
        sent = {row[0]: (row[1], row[2]) for row in connection.execute(columns)}
    engine.dispose()
    return points, sent


def minutes(server: InProcessServer) -> list[Point]:
    """Return the minutes of the last hour of a server that runs."""

    async def read() -> list[Point]:
        pool = server.server.services.read_pool
        return (await pool.read(store.series, "hour", time.time()))[1]

    return server.loop.run_until_complete(read())


def test_all_messages_are_counted_once_a_server_has_stopped(own_server: Start) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as ann, Talker(server.port) as guest:
        ann.register_quickly("ann")
        ann.log_in_fully("ann")
        guest.guest("visitor")
        for number in range(30):
            assert ann.ask("msg", to="#all", message="a", id=f"id{number}")["response"] == 200
            # Sent again: it is answered, but not stored, and not counted.
            assert ann.ask("msg", to="#all", message="a", id=f"id{number}")["response"] == 200
        guest.ask("msg", to="#all", message="b")
        assert server.stop() == 0

    points, sent = stored(server)

    assert sum(one.figures.messages for one in points) == 31
    assert sum(sum(one.figures.latency) for one in points) == 61
    assert (sent["ann"][0], sent["visitor"][0]) == (30, 1)
    assert sum(one.figures.bytes for one in points) == sent["ann"][1] + sent["visitor"][1] > 31 * 50
    figures = points[-1].figures
    assert 0 < figures.seconds < 60
    assert figures.transactions > 0
    assert figures.memory > 10 * 2**20
    assert figures.database_size > 2**16
    assert figures.disk_free > 2**20
    assert figures.cpu > 0


def test_messages_of_a_session_that_ends_before_their_commit_are_counted(own_server: Start) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as ann, Talker(server.port) as bob:
        bob.guest("bob")
        ann.guest("ann")
        ann.ask("msg", to="#all", message="here")
        for _ in range(199):
            ann.send("msg", to="#all", message="going")
        ann.send("msg", to="#all", message="gone")
        # The server reads all of it, and ends the session while the last ones are committed.
        ann.socket.shutdown(socket.SHUT_WR)
        bob.before("gone")
        assert server.stop() == 0

    assert stored(server)[1]["ann"][0] == 201


def test_a_restart_goes_on_with_the_same_figures(own_server: Start) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as ann:
        ann.guest("ann")
        ann.ask("msg", to="#all", message="first")
    assert server.stop() == 0

    server.start()
    with Talker(server.port) as ann:
        ann.guest("ann")
        ann.ask("msg", to="#all", message="second")
    assert server.stop() == 0

    points, sent = stored(server)
    assert sum(one.figures.messages for one in points) == 2
    assert len(points) <= 2  # within a minute they are one
    assert sent["ann"][0] == 2


@pytest.mark.sqlite
def test_minutes_that_could_not_be_stored_are_stored_later(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = InProcessServer(data)
    statistics = server.server.services.statistics
    # Not Python's own SQLite: within a process, two of them do not respect each other's locks.
    other = sqlcipher3.dbapi2.connect(str(data / "messenger.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ServerError):
        server.loop.run_until_complete(statistics.record())
    other.close()

    server.loop.run_until_complete(statistics.record())

    points = minutes(server)
    # The figures' own failure, and those of what else the server wrote meanwhile.
    failures = caplog.text.count("The database cannot be written")
    assert sum(one.figures.failures for one in points) == failures >= 1
    assert sum(one.figures.transactions for one in points) >= 2
    server.close()


@pytest.mark.sqlite
def test_a_session_that_does_not_read_is_slow(own_server: Start) -> None:
    server = own_server("--limits", "off", toml="[limits]\nwrite_buffer_bytes = 1000")
    with Talker(server.port) as lazy, Talker(server.port) as ann:
        lazy.guest("lazy")
        ann.guest("ann")
        for _ in range(1_000):
            ann.send("msg", to="#all", message="x" * 10_000)
        ann.send("msg", to="#all", message="x", id="last")
        while ann.receive().get("id") != "last":
            pass
        assert server.stop() == 0

        points, _ = stored(server)
    assert max(one.figures.slow for one in points) >= 1


@pytest.mark.sqlite
def test_a_loop_that_was_blocked_shows_it(data: Path) -> None:
    server = InProcessServer(data)
    statistics = server.server.services.statistics

    async def block() -> None:
        time.sleep(1.5)  # noqa: ASYNC251  it is what must show
        while not sum(statistics.totals().lag):
            await asyncio.sleep(0.01)

    server.loop.run_until_complete(block())
    assert statistics.totals().lag_sum > 0.2
    server.loop.run_until_complete(statistics.record())

    points = minutes(server)
    assert max(one.figures.lag for one in points) > 0.2
    server.close()
