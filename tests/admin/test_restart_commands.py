"""`messenger admin restart` and `backup restore`, with a server that can start itself anew."""

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.__main__ import main
from messenger.admin import restarting
from messenger.sdk.administration import Administration, at_socket
from messenger.sdk.administration.results import Restarting
from messenger.server.store.directory_lock import is_locked
from tests.ports import free_port
from tests.running import Talker
from tests.server.real_process import RealServer


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    logger = logging.getLogger("messenger.server")
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A server with one account."""
    made = RealServer(
        tmp_path / "сервер", more=("-a", "127.0.0.1", "-p", str(free_port()), "--limits", "off")
    )
    with Talker(made.port) as client:
        client.register_quickly("before")
    yield made
    made.end()


def admin(server: RealServer, *words: str) -> tuple[int, str, str]:
    """Run `messenger admin`; return its exit code and both outputs."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["admin", *words, "--data", str(server.data)])
    return code, out.getvalue(), err.getvalue()


def is_registered(server: RealServer, name: str) -> bool:
    with Talker(server.port) as client:
        return bool(client.log_in_fully(name)["response"] == 200)


def backed_up(server: RealServer) -> str:
    """Make a backup, and an account after it; return the backup's name."""
    code, out, _ = admin(server, "backup", "make", "--json")
    assert code == 0
    with Talker(server.port) as client:
        client.register_quickly("after")
    return str(json.loads(out)["backups"][0]["backup"])


def test_a_restart_is_waited_for(server: RealServer) -> None:
    before = server.started
    code, out, err = admin(server, "restart", "--yes")
    assert (code, out) == (0, f"It is back, on port {server.port}.\n")
    assert err == "The server restarts\n"
    assert server.started > before
    server.stop()


def test_a_restart_needs_a_yes(server: RealServer) -> None:
    before = server.started
    code, out, err = admin(server, "restart")
    assert (code, out) == (2, "")
    assert "--yes" in err
    assert server.started == before
    server.stop()


@pytest.mark.parametrize("runs", [True, False])
def test_a_backup_is_restored_with_a_server_and_without(server: RealServer, runs: bool) -> None:
    name = backed_up(server)
    if not runs:
        server.stop()

    code, out, _ = admin(server, "backup", "restore", name, "--yes")

    assert code == 0
    assert f"{name} is restored." in out
    assert "before-restore" in out
    if not runs:
        assert not is_locked(server.data)
        server = RealServer(
            server.data, more=("-a", "127.0.0.1", "-p", str(server.port), "--limits", "off")
        )
    assert is_registered(server, "before")
    assert not is_registered(server, "after")
    with at_socket(server.data / "admin.sock") as opened:
        rows = opened.audit(action="admin_restore").entries
    assert [(one.actor, one.origin, one.target) for one in rows] == [("operator", "local", name)]
    server.stop()


@pytest.mark.parametrize("runs", [True, False])
def test_a_damaged_backup_changes_nothing(server: RealServer, runs: bool) -> None:
    name = backed_up(server)
    file = server.data / "backups" / name
    file.write_bytes(file.read_bytes()[:-100])
    if not runs:
        server.stop()

    code, out, _ = admin(server, "backup", "restore", name, "--yes")

    assert code == 2
    assert "damaged" in out
    if not runs:
        server = RealServer(
            server.data, more=("-a", "127.0.0.1", "-p", str(server.port), "--limits", "off")
        )
    assert is_registered(server, "after")
    server.stop()


def test_nobody_waits_for_a_server_that_was_killed(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restarting, "_GONE", 0.5)
    name = backed_up(server)

    def restore(opened: Administration, backup: str) -> Restarting:
        found = ask(opened, backup)
        server.process.kill()
        server.process.wait()
        return found

    ask = Administration.restore_backup
    monkeypatch.setattr(Administration, "restore_backup", restore)

    code, out, _ = admin(server, "backup", "restore", name, "--yes")

    assert code == 2
    assert "not back yet" in out
