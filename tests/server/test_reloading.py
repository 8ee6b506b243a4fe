"""SIGHUP makes a server without a terminal read its settings and its certificate again."""

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.server.running_state import ask_to_reload, find_state
from messenger.server.store.directory_lock import is_locked, lock_file
from tests.running import RunningServer, SecureTalker, Talker, running, until


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "data") as server:
        yield server


def reload(server: RunningServer, toml: str) -> str:
    """Write the settings, and have the server read them; return what it has refused."""
    (server.data / "messenger.toml").write_text(toml, "utf-8")
    state = find_state(server.data)
    assert state is not None
    after = ask_to_reload(server.data, state)
    assert after is not None
    return after.problem


def test_a_server_says_in_its_directory_that_it_runs(at_work: RunningServer) -> None:
    state = find_state(at_work.data)

    assert state is not None
    assert (state.pid, state.port, state.can_reload) == (at_work.process.pid, at_work.port, True)
    assert state.values["registration"] == "open"
    assert (at_work.data / "running.json").stat().st_mode & 0o777 == 0o600
    at_work.stop()
    assert find_state(at_work.data) is None
    assert not (at_work.data / "running.json").exists()


def test_a_killed_server_is_not_taken_for_one_that_runs(at_work: RunningServer) -> None:
    at_work.kill()

    assert (at_work.data / "running.json").exists()
    assert find_state(at_work.data) is None
    # A command that uses the directory alone is none, either.
    unlock = lock_file(at_work.data)
    assert is_locked(at_work.data)
    assert find_state(at_work.data) is None
    unlock()


def test_where_nothing_has_run_there_is_no_server_and_nothing_is_made(tmp_path: Path) -> None:
    assert find_state(tmp_path / "nowhere") is None
    assert not is_locked(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_looking_whether_a_server_runs_keeps_none_from_starting(tmp_path: Path) -> None:
    lock_file(tmp_path)()
    number = os.open(tmp_path / "server.lock", os.O_RDONLY)
    fcntl.flock(number, fcntl.LOCK_SH)
    threading.Timer(0.05, os.close, [number]).start()
    lock_file(tmp_path)()


def test_registration_is_closed_without_a_restart(at_work: RunningServer) -> None:
    with Talker(at_work.port) as talker:
        assert talker.register("ann")["response"] == 201

        assert reload(at_work, 'registration = "closed"\nguests = "off"\n') == ""

        assert talker.register("bob")["response"] == 403
        assert talker.guest("cat")["response"] == 401
        assert reload(at_work, "") == ""
        assert talker.register("bob")["response"] == 201
    assert "Settings changed: guests, registration" in at_work.log()


def test_connections_without_tls_are_refused_without_a_restart(at_work: RunningServer) -> None:
    with Talker(at_work.port) as before:
        before.guest("bob")
        assert reload(at_work, 'plain = "off"\n') == ""

        with Talker(at_work.port) as after:
            after.send("presence", user={"account_name": "ann", "status": ""})
            assert after.receive()["response"] == 403
        # Who is connected stays connected.
        assert before.ask("get_contacts")["response"] == "202"


def test_the_level_of_the_log_changes_without_a_restart(at_work: RunningServer) -> None:
    reload(at_work, 'log_level = "WARNING"\n')
    with Talker(at_work.port) as talker:
        talker.guest("quiet")
    reload(at_work, 'log_level = "DEBUG"\n')
    with Talker(at_work.port) as talker:
        talker.guest("loud")

    until(lambda: "'loud' has logged in as a guest" in at_work.log())
    assert "'quiet'" not in at_work.log()


def test_what_needs_a_restart_waits_for_it(at_work: RunningServer) -> None:
    assert reload(at_work, "port = 7\nreading_threads = 3\n[limits]\nrooms = 7\n") == ""

    until(lambda: "at the next start: reading_threads, limits.rooms" in at_work.log())
    state = find_state(at_work.data)
    assert state is not None
    assert (state.port, state.values["limits.rooms"]) == (at_work.port, 500)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("guests = 'some'", "guests"),
        ("prot = 1", "did you mean port?"),
        ("port = ", "cannot be read"),
        ("certificate = '/nowhere.pem'\nprivate_key = '/nowhere.key'", "/nowhere"),
    ],
)
def test_wrong_settings_leave_the_old_ones_in_use(
    at_work: RunningServer, toml: str, said: str
) -> None:
    assert reload(at_work, 'registration = "closed"\n') == ""

    assert said in reload(at_work, f'registration = "closed"\n{toml}')

    with SecureTalker(at_work.port) as talker:
        assert talker.register("ann")["response"] == 403


def test_a_missing_key_is_not_replaced_by_a_new_one(at_work: RunningServer) -> None:
    """Clients would refuse the server with another key."""
    for name in ("key.pem", "certificate.pem"):
        (at_work.data / name).unlink()

    assert "cannot be used" in reload(at_work, "")

    assert not (at_work.data / "key.pem").exists()
    with SecureTalker(at_work.port) as talker:
        assert talker.guest("ann")["response"] == 200


def test_many_signals_in_a_row_are_harmless(at_work: RunningServer) -> None:
    for _ in range(50):
        at_work.process.send_signal(signal.SIGHUP)

    assert reload(at_work, 'registration = "closed"\n') == ""
