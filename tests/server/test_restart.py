"""A restart at an administrator's request: in its own process, and nobody loses anything."""

import os
import pty
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from messenger.jim.errors import Conflict, Stopping
from messenger.sdk import Client, Credentials, MessageReceived, Store
from messenger.sdk.administration import Administration, at_socket
from messenger.sdk.errors import ConnectionLost
from messenger.server.backup.orders import RestoreOutcome
from messenger.server.ending import Ending
from messenger.server.handover import Handover, take_handover
from messenger.server.store.directory_lock import is_locked
from tests.forking import ROOT
from tests.ports import free_port
from tests.running import PASSWORD, Talker, running, until
from tests.server.real_process import RealServer

HERE = ("-a", "127.0.0.1", "--limits", "off")
ANY_PORT = (*HERE, "-p", "0")


@contextmanager
def started(data: Path, *more: str, **keys: object) -> Iterator[RealServer]:
    """Run a server in a process of its own during the block."""
    server = RealServer(data, more=more or ANY_PORT, **keys)  # type: ignore[arg-type]  # as given
    try:
        yield server
    finally:
        server.end()


@contextmanager
def administration(data: Path) -> Iterator[Administration]:
    """Administer the server as its operator."""
    with at_socket(data / "admin.sock") as opened:
        yield opened


def restarts(data: Path) -> list[str]:
    """Return who has restarted the server, by the audit log."""
    with administration(data) as opened:
        return [one.actor for one in opened.audit(action="admin_restart").entries]


def configure(data: Path, text: str) -> None:
    data.mkdir(exist_ok=True)
    (data / "messenger.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("words", [("server.py",), ("-m", "messenger", "server")])
def test_the_same_process_starts_anew_and_its_clients_come_back(
    data: Path, words: tuple[str, ...]
) -> None:
    with started(data, words=words) as server:
        pid, port, before = server.process.pid, server.port, server.sockets()
        with Talker(port) as ann:
            ann.register_quickly("анна")
            ann.log_in_fully("анна")
            assert ann.ask("msg", to="#all", message="before", id="1")["seq"] == 1
            server.restart()
            assert ann.receive()["response"] == 503
            assert ann.is_closed()

        assert (server.process.pid, server.process.poll(), server.port) == (pid, None, port)
        with Talker(port) as ann:
            ann.log_in_fully("анна")
            assert ann.ask("msg", to="#all", message="after", id="2")["seq"] == 2
            found = ann.ask("history", conversation="#all", after=0)["messages"]
        assert [one["message"] for one in found] == ["before", "after"]
        assert before
        assert before.isdisjoint(server.sockets())
        server.restart()
        assert restarts(data) == ["operator", "operator"]
        assert server.stop() == ""


def test_each_start_has_its_own_code_for_the_first_administrator(data: Path) -> None:
    def code(server: RealServer) -> str:
        assert server.process.stdout is not None
        while "code" not in (line := server.process.stdout.readline()):
            assert line
        return line.split()[-1]

    with started(data) as server:
        first = code(server)
        server.restart()
        assert code(server) != first
        server.stop()


def test_settings_that_waited_are_in_effect(data: Path) -> None:
    old, new = free_port(), free_port()
    configure(data, f"port = {old}\n")
    with started(data, *HERE) as server:
        with administration(data) as opened:
            opened.change_settings({"port": new, "metrics_port": free_port()})
            assert sorted(opened.settings().waiting) == ["metrics_port", "port"]

        assert server.restart() == new

        with administration(data) as opened:
            assert opened.settings().waiting == []
            (row,) = opened.audit(action="admin_restart").entries
        assert sorted(row.after["settings"]) == ["metrics_port", "port"] if row.after else False
        Talker(new).close()
        with pytest.raises(ConnectionRefusedError):
            Talker(old)
        server.stop()


def test_everything_written_during_restarts_arrives_once_and_in_order(
    data: Path, tmp_path: Path
) -> None:
    with started(data) as server:
        clients = {
            name: Client(
                *("127.0.0.1", server.port, Credentials(name, PASSWORD, register=True)),
                Store(tmp_path / f"{name}.db"),
            )
            for name in ("ann", "bob")
        }
        heard: list[str] = []
        clients["bob"].on(MessageReceived)(lambda event: heard.append(event.message.text))
        for client in clients.values():
            client.start()
            assert client.wait_until_online(60)
        sent: list[str] = []
        enough = threading.Event()

        def write() -> None:
            while not enough.is_set():
                sent.append(f"{len(sent)}")
                clients["ann"].send_text("bob", sent[-1])
                enough.wait(0.01)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(2):
            known = len(heard)
            until(lambda: len(heard) > known + 5)  # noqa: B023  at once
            server.restart()
        enough.set()
        writer.join()
        assert clients["ann"].wait_until_sent(60)
        until(lambda: len(heard) >= len(sent))
        for client in clients.values():
            client.close()
        server.stop()

    assert heard == sent


def test_nobody_else_gets_the_directory_meanwhile(data: Path) -> None:
    with started(data) as server:
        seen: list[bool] = []
        enough = threading.Event()

        def look() -> None:
            while not enough.is_set():
                seen.append(is_locked(data))

        looking = threading.Thread(target=look)
        looking.start()
        server.restart()
        enough.set()
        looking.join()
        assert len(seen) > 10
        assert all(seen)
        server.stop()
    assert not is_locked(data)


def test_the_end_of_its_input_stops_it_after_a_restart_too(data: Path) -> None:
    """`messenger run` has such a server: it ends with its client."""
    with started(data, *ANY_PORT, "--stop-at-eof") as server:
        server.restart()
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(60) == 0


def test_a_service_manager_sees_a_reload_and_is_patient(data: Path) -> None:
    name = f"messenger-test-{os.getpid()}-restart"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(60)
        told = {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "60000000"}
        states: list[str] = []

        def hear(last: str) -> list[str]:
            states.clear()
            while last not in states:
                states.extend(manager.recv(4096).decode().split("\n"))
            return [one for one in states if not one.startswith(("WATCHDOG=", "MONOTONIC"))]

        with started(data, environment=told) as server:
            assert hear("READY=1") == ["READY=1", "WATCHDOG_USEC=60000000"]
            server.restart()
            assert hear("READY=1") == [
                *("RELOADING=1", "WATCHDOG_USEC=86400000000"),
                *("READY=1", "WATCHDOG_USEC=60000000"),
            ]
            server.stop()
            assert hear("STOPPING=1") == ["STOPPING=1"]


@pytest.mark.parametrize(
    ("text", "why"),
    [("port = ", "messenger.toml"), ("port = 70000", "70000"), ("database = 'mysql://x'", "URL")],
)
def test_a_server_that_would_not_start_again_goes_on(data: Path, text: str, why: str) -> None:
    with started(data) as server:
        before = server.started
        configure(data, text)
        with administration(data) as opened, pytest.raises(Conflict, match=why):
            opened.restart()
        assert server.started == before
        assert restarts(data) == []
        (data / "messenger.toml").unlink()
        server.restart()
        server.stop()


def test_a_port_that_another_program_has_is_no_reason_to_end(data: Path) -> None:
    configure(data, f"port = {free_port()}\n")
    with started(data, *HERE) as server, socket.create_server(("127.0.0.1", 0)) as taken:
        before = server.started
        configure(data, f"port = {taken.getsockname()[1]}\n")
        with administration(data) as opened, pytest.raises(Conflict, match="another port"):
            opened.restart()
        assert server.started == before
        server.stop()


def test_a_server_whose_directory_was_renamed_does_not_begin_another(data: Path) -> None:
    other = data.with_name("other")
    with started(data) as server:
        before = server.started
        with administration(data) as opened:
            data.rename(other)
            with pytest.raises(Conflict, match="no directory"):
                opened.restart()
        assert not data.exists()
        other.rename(data)
        assert server.started == before
        server.stop()


def test_a_server_whose_python_is_gone_goes_on(data: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with started(data, environment=path, python=str(python)) as server:
        before = server.started
        python.unlink()
        with administration(data) as opened, pytest.raises(Conflict, match="any more"):
            opened.restart()
        assert server.started == before
        python.symlink_to(sys.executable)
        server.restart()
        server.stop()


def test_a_server_under_nohup_is_under_it_after_a_restart_too(data: Path) -> None:
    """SIGHUP has it read its settings; it does not say that its terminal is gone."""
    words = ["server.py", "--data", str(data), *ANY_PORT]
    pid, terminal = pty.fork()
    if not pid:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *words])
    try:
        started_at: list[float] = []

        def is_back() -> bool:
            with suppress(OSError, ConnectionLost, Stopping), administration(data) as opened:
                now = opened.stats().now.started
                if now not in started_at:
                    started_at.append(now)
                    return True
            return False

        until(is_back)
        with administration(data) as opened:
            opened.restart()
        until(is_back)
        os.kill(pid, signal.SIGHUP)
        assert not is_back()
        with administration(data) as opened:
            assert opened.stats().now.started == started_at[-1]
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def test_no_file_takes_the_place_of_a_closed_stream(data: Path, tmp_path: Path) -> None:
    """The lock is held while the program is replaced: it would be standard input then."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" <&- 2>&-\n', "ascii")
    python.chmod(0o700)
    with started(data, python=str(python)) as server:
        files = Path(f"/proc/{server.process.pid}/fd")
        for _ in range(2):
            assert [(files / one).readlink() for one in "02"] == [Path(os.devnull)] * 2
            server.restart()
        server.stop()


def test_a_server_in_another_program_is_not_restarted(data: Path) -> None:
    """Here it was forked off the tests: their command line would be run again."""
    with running(data) as server:
        with administration(data) as opened, pytest.raises(Conflict, match="stop it"):
            opened.restart()
        assert restarts(data) == []
        assert server.stop() == 0


def test_a_server_that_python_code_runs_is_not_restarted(data: Path) -> None:
    code = "from messenger.__main__ import main; import sys; main(['server', *sys.argv[1:]])"
    with started(data, words=("-c", code)) as server:
        with administration(data) as opened, pytest.raises(Conflict, match="stop it"):
            opened.restart()
        server.stop()


def test_a_signal_ends_a_server_that_is_being_restarted() -> None:
    ending = Ending(can_restart=True)
    ending.reserve()
    ending.restart()
    assert ending.is_restart
    ending.end()
    assert not ending.is_restart

    # And it comes too late for one that is ending.
    ending = Ending(can_restart=True)
    ending.end()
    ending.restart()
    assert not ending.is_restart


def test_only_one_restarts_a_server_at_a_time() -> None:
    ending = Ending(can_restart=True)
    ending.reserve()
    with pytest.raises(Conflict):
        ending.reserve()
    ending.release()
    ending.reserve()


def test_what_was_handed_over_to_another_process_is_not_taken() -> None:
    mine = Handover(lock=7, port=1, window=9, restored=RestoreOutcome("б.tar.gz", moved="/в"))
    environment = mine.environment()
    assert take_handover(environment) == mine
    assert environment == {}, "programs that it starts get nothing"
    others = Handover(lock=7, process=os.getpid() + 1)
    assert take_handover(others.environment()) == Handover()
    for broken in ("", "{}", "[1]", '{"lock": "7"}'):
        found = take_handover({"MESSENGER_HANDOVER": broken})
        assert (found.lock, found.window) == (None, None)
