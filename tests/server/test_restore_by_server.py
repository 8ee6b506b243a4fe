"""A server restores one of its backups at an administrator's order, and starts with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from messenger.jim.admin.backups import Backups
from messenger.jim.errors import Conflict, NotFound
from messenger.sdk.administration import Administration, at_socket
from messenger.server.backup.orders import RestoreOrder
from messenger.server.restoration import restore
from messenger.server.settings.editor import SettingsEditor
from tests.ports import free_port
from tests.running import Talker, running, until
from tests.server.administrators import registered
from tests.server.real_process import RealServer


@pytest.fixture
def server(
    data: Path, engine: str, use_new_database: Callable[[Path], None]
) -> Iterator[RealServer]:
    """A server that can restart itself, on a database of each kind."""
    use_new_database(data)
    place = ("-a", "127.0.0.1", "-p", str(free_port()), "--engine", engine)
    made = RealServer(data, more=(*place, "--limits", "off"))
    yield made
    made.end()


@contextmanager
def administration(data: Path) -> Iterator[Administration]:
    with at_socket(data / "admin.sock") as opened:
        yield opened


def backed_up(server: RealServer) -> str:
    """Make a backup; return its name."""
    with administration(server.data) as opened:
        *_, found = opened.follow_backup(opened.begin_backup())
    assert not found.failure
    return found.backups[0].backup


def restored(server: RealServer, name: str) -> Backups:
    """Have a backup restored, wait for the server, and return what it says of it."""
    server.restart(lambda operator: operator.restore_backup(name))
    with administration(server.data) as opened:
        return opened.backups()


def said(server: RealServer) -> list[str]:
    """Return the texts of the common chat."""
    with Talker(server.port) as ann:
        assert ann.log_in_fully("анна")["response"] == 200
        found = ann.ask("history", conversation="#all", after=0).get("messages", [])
    return [one["message"] for one in found]


def say(server: RealServer, text: str) -> None:
    with Talker(server.port) as ann:
        assert ann.log_in_fully("анна")["response"] == 200
        assert ann.ask("msg", to="#all", message=text, id=text)["response"] == 200


def restorations(server: RealServer) -> list[tuple[str, str, str]]:
    with administration(server.data) as opened:
        rows = opened.audit(action="admin_restore").entries
    return [(one.actor, one.origin, one.target) for one in rows]


def test_a_backup_replaces_everything_that_came_after_it(server: RealServer) -> None:
    registered(server, "анна")
    say(server, "before")
    name = backed_up(server)
    say(server, "after")
    pid = server.process.pid

    found = restored(server, name)

    assert (found.restored, found.failure) == (name, "")
    assert "before" in found.moved
    assert name in [one.backup for one in found.backups]
    assert said(server) == ["before"]
    say(server, "again")
    assert said(server) == ["before", "again"]
    assert restorations(server) == [("operator", "local", name)]
    assert server.process.pid == pid
    # It is told until the next start, and is not done again then.
    server.restart()
    with administration(server.data) as opened:
        assert opened.backups().restored == ""
    assert said(server) == ["before", "again"]
    server.stop()


def test_roles_are_those_of_the_backup(server: RealServer) -> None:
    for one in ("анна", "боб"):
        registered(server, one)
    with administration(server.data) as opened:
        opened.promote("анна")
    name = backed_up(server)
    with administration(server.data) as opened:
        opened.promote("боб")
        opened.demote("анна")

    assert restored(server, name).restored == name

    with administration(server.data) as opened:
        roles = [opened.account(one).account.role for one in ("анна", "боб")]
    assert roles == ["administrator", "user"]
    server.stop()


def test_what_cannot_be_restored_leaves_everything_as_it_was(server: RealServer) -> None:
    registered(server, "анна")
    say(server, "before")
    name = backed_up(server)
    say(server, "after")
    file = server.data / "backups" / name
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    found = restored(server, name)

    assert found.restored == ""
    assert "damaged" in found.failure
    assert name in found.failure
    assert said(server) == ["before", "after"]
    assert restorations(server) == [("operator", "local", name)]
    log = (server.data / "log" / "server.log").read_text("utf-8")
    assert f"{name} was not restored" in log
    file.write_bytes(whole)
    assert restored(server, name).restored == name
    assert said(server) == ["before"]
    server.stop()


def test_settings_and_the_files_that_they_name_stay(data: Path) -> None:
    port = free_port()
    data.mkdir()
    file = data / "messenger.toml"
    file.write_text(f"port = {port}\n", "utf-8")
    server = RealServer(data, more=("-a", "127.0.0.1"))
    try:
        key = (data / "key.pem").read_bytes()
        name = backed_up(server)
        with administration(data) as opened:
            opened.change_settings({"description": "Ж", "backup_directory": str(data / "mine")})
        after = file.read_text("utf-8")
        (data / "mine").mkdir()
        # Another certificate, made since: clients know the server by what it has now.
        with administration(data) as opened:
            opened.renew_certificate()
        certificate = (data / "certificate.pem").read_bytes()
        kept = data / "mine" / name
        (data / "backups" / name).rename(kept)
        server.restart()

        assert restored(server, name).restored == name

        assert file.read_text("utf-8") == after
        assert kept.exists()
        assert (data / "key.pem").read_bytes() == key
        assert (data / "certificate.pem").read_bytes() == certificate
        assert server.port == port
        server.stop()
    finally:
        server.end()


def test_only_backups_of_the_list_are_restored(data: Path, tmp_path: Path) -> None:
    server = RealServer(data, more=("-a", "127.0.0.1", "-p", "0"))
    try:
        name = backed_up(server)
        (data / "backups" / name).rename(tmp_path / name)
        for wanted in (name, str(tmp_path / name), f"../{name}", "server.lock"):
            with administration(data) as opened, pytest.raises(NotFound):
                opened.restore_backup(wanted)
        assert restorations(server) == []
        server.stop()
    finally:
        server.end()


def test_a_backup_that_is_removed_meanwhile_is_not_found(data: Path) -> None:
    """As a newer one may remove it while the restart is checked."""
    order = RestoreOrder(data / "gone.zip", data, "operator", "local")

    with pytest.raises(NotFound, match=r"gone\.zip"):
        order.note()


def test_a_server_that_cannot_restart_does_not_restore(data: Path) -> None:
    with running(data) as server, administration(data) as opened:
        *_, found = opened.follow_backup(opened.begin_backup())
        until(lambda: not opened.backups().work)
        with pytest.raises(Conflict, match="stop it"):
            opened.restore_backup(found.backups[0].backup)
        assert opened.audit(action="admin_restore").entries == []
        assert server.process.poll() is None


def test_no_other_directory_is_replaced_than_that_of_the_server(data: Path, tmp_path: Path) -> None:
    """Its file may be changed while it stops."""
    data.mkdir()
    (data / "key.pem").write_text("precious")
    order = RestoreOrder(tmp_path / "backup.tar.gz", tmp_path / "mine", "operator", "local")

    found = restore(order, SettingsEditor({"data": data}, {}), lambda _: None)

    assert "directory" in found.failure
    assert [file.name for file in data.iterdir()] == ["key.pem"]
