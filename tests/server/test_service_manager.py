"""A service manager hears when the server is ready, reloads and stops, and that it is alive."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, Engine

from messenger.server.journal import Journal
from messenger.server.monitoring.service_manager import ServiceManager
from messenger.server.monitoring.watchdog import Watchdog
from messenger.server.store import database
from tests.forking import Python
from tests.running import Talker


class Manager:
    """A service manager as systemd is: a datagram socket."""

    def __init__(self, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(60)

    def hear(self) -> list[str]:
        """Return the lines of the next state."""
        return self.socket.recv(4096).decode().split("\n")

    def pending(self) -> int:
        """Return how many states have arrived, and forget them."""
        self.socket.setblocking(False)
        count = 0
        try:
            while self.socket.recv(4096):
                count += 1
        except BlockingIOError:
            self.socket.settimeout(60)
        return count


@pytest.fixture
def manager() -> Iterator[Manager]:
    """A manager in the abstract namespace, whose names are short and need no cleaning."""
    made = Manager(f"\0messenger-test-{os.getpid()}-{time.monotonic_ns()}")
    yield made
    made.socket.close()


def environment(manager: Manager, **more: str) -> dict[str, str]:
    name = manager.socket.getsockname()
    return {"NOTIFY_SOCKET": f"@{name[1:].decode()}", **more}


def start(data: Path, environment: dict[str, str]) -> tuple[Python, int]:
    options = ("-a", "127.0.0.1", "-p", "0", "--data", str(data))
    process = Python("server.py", *options, env=os.environ | environment)
    assert process.stdout is not None
    return process, int(process.stdout.readline().split("port ")[1].split()[0])


def test_a_server_tells_when_it_is_ready_reloads_and_stops(
    manager: Manager, tmp_path: Path
) -> None:
    process, port = start(tmp_path / "data", environment(manager))
    with process:
        assert manager.hear() == ["READY=1"]
        with Talker(port) as ann:
            assert ann.guest("ann")["response"] == 200

        process.send_signal(signal.SIGHUP)
        reloading, since = manager.hear()
        assert (reloading, since.partition("=")[0]) == ("RELOADING=1", "MONOTONIC_USEC")
        assert 0 <= time.monotonic() - int(since.partition("=")[2]) / 1e6 < 60
        assert manager.hear() == ["READY=1"]

        process.terminate()
        assert manager.hear() == ["STOPPING=1"]
        assert process.wait(60) == 0
        assert manager.pending() == 0


def test_a_server_that_stands_still_gives_no_sign_of_life(manager: Manager, tmp_path: Path) -> None:
    process, _ = start(tmp_path / "data", environment(manager, WATCHDOG_USEC="100000"))
    with process:
        assert manager.hear() == ["READY=1", "WATCHDOG_USEC=100000"]
        assert [manager.hear() for _ in range(3)] == 3 * [["WATCHDOG=1"]]

        process.send_signal(signal.SIGSTOP)
        while manager.pending():
            time.sleep(0.2)
        manager.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            manager.hear()

        manager.socket.settimeout(60)
        process.send_signal(signal.SIGCONT)
        assert manager.hear() == ["WATCHDOG=1"]
        process.terminate()
        assert process.wait(60) == 0


def test_a_watchdog_waits_for_a_journal_that_hangs(
    manager: Manager, new_engine: Callable[[], Engine]
) -> None:
    goes_on = threading.Event()

    def hang(_connection: Connection) -> None:
        goes_on.wait(60)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        watching = ServiceManager(environment(manager, WATCHDOG_USEC="20000"))
        journal = Journal(new_engine(), loop)
        watchdog = Watchdog(watching, journal)
        watchdog.start()
        await loop.run_in_executor(None, manager.hear)
        hanging = journal.write(hang)
        # What it had asked for before is answered.
        await asyncio.sleep(0.2)
        manager.pending()
        await asyncio.sleep(0.5)
        assert manager.pending() == 0
        goes_on.set()
        await hanging
        await loop.run_in_executor(None, manager.hear)
        watchdog.stop()
        await journal.close()
        watching.close()

    asyncio.run(run())


def test_an_error_of_the_database_is_an_answer(manager: Manager, tmp_path: Path) -> None:
    """A database that is away is not helped by a restart of the server."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        watching = ServiceManager(environment(manager, WATCHDOG_USEC="20000"))
        missing = str(tmp_path / "missing" / "messenger.db")
        engine = database.open_engine(URL.create("sqlite", database=missing), 1)
        journal = Journal(engine, loop)
        watchdog = Watchdog(watching, journal)
        watchdog.start()
        for _ in range(3):
            assert await loop.run_in_executor(None, manager.hear) == ["WATCHDOG=1"]
        assert journal.transactions.failed >= 3
        watchdog.stop()
        await journal.close()
        watching.close()

    asyncio.run(run())


def test_a_reload_makes_no_server_ready_that_starts_or_stops(manager: Manager) -> None:
    server = ServiceManager(environment(manager))

    server.reloading()
    server.reloaded()
    assert manager.pending() == 0
    server.ready()
    server.stopping()
    server.reloading()
    server.reloaded()
    server.close()

    assert manager.hear() == ["READY=1"]
    assert manager.hear() == ["STOPPING=1"]
    assert manager.pending() == 0


def test_without_a_manager_nothing_is_sent() -> None:
    manager = ServiceManager({"WATCHDOG_USEC": "1000"})

    manager.ready()
    manager.stopping()

    assert manager.watchdog == 0


def test_a_manager_that_is_gone_is_no_error(manager: Manager) -> None:
    server = ServiceManager(environment(manager))
    manager.socket.close()

    server.ready()
    server.alive()
    server.close()


def test_a_watchdog_of_another_process_is_not_ours(manager: Manager) -> None:
    of_others = environment(manager, WATCHDOG_USEC="1000", WATCHDOG_PID="1")

    assert ServiceManager(of_others).watchdog == 0
    assert ServiceManager(of_others | {"WATCHDOG_PID": str(os.getpid())}).watchdog == 0.001
    assert ServiceManager(environment(manager, WATCHDOG_USEC="soon")).watchdog == 0
