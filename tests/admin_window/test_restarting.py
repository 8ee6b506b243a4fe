"""What waits for a restart: the window says so, restarts the server, and connects again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from messenger.admin_window.requests import Requests
from messenger.sdk.administration import at_server, at_socket
from messenger.sdk.administration.administration import Administration
from tests.admin_window.using import NoServerKnown, User
from tests.ports import free_port
from tests.running import PASSWORD, SecureTalker, Talker, until
from tests.server.administrators import registered
from tests.server.real_process import RealServer

Show = Callable[[str], User]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A small server that can restart itself: its process was started for it."""
    data = tmp_path / "сервер"
    data.mkdir()
    (data / "messenger.toml").write_text(f"port = {free_port()}\n", "utf-8")
    server = RealServer(data, more=("-a", "127.0.0.1", "--limits", "off"))
    yield server
    server.end()


def administer(server: RealServer, do: Callable[[Administration], object]) -> None:
    """Do something as the operator, as another program would."""
    import threading

    def work() -> None:
        with at_socket(server.data / "admin.sock") as administration:
            do(administration)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def before_restart(window: Show, server: RealServer) -> User:
    """Return somebody who looks at a setting that waits for a restart."""
    administer(server, lambda operator: operator.change_settings({"log_days": 9}))
    user = window("settings")
    user.qtbot.waitUntil(user.page.waiting.isVisible)
    return user


def test_a_setting_that_waits_is_in_effect_after_a_restart_by_the_window(
    window: Show, server: RealServer
) -> None:
    user = before_restart(window, server)
    bar = user.page.waiting
    assert "after a restart: log_days" in user.read(bar)
    bar.restart.click()
    user.settle()
    assert "0 people are online." in user.asked()
    assert "come back by themselves" in user.asked()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: "The server has restarted." in user.page.told())
    user.qtbot.waitUntil(lambda: not bar.isVisible())
    assert server.process.poll() is None
    user.window.show_page("audit")
    user.settle()
    assert user.page.model.index(0, 2).data() == "Server restarted"


def test_what_would_keep_the_server_from_starting_is_said_and_it_goes_on(
    window: Show, server: RealServer
) -> None:
    user = before_restart(window, server)
    bar = user.page.waiting
    (server.data / "messenger.toml").write_text("port = many\n", "utf-8")
    bar.restart.click()
    user.settle()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: "would not start again" in user.read(bar))
    assert bar.restart.isVisible()
    Talker(server.port).close()


@pytest.fixture
def away(server: RealServer) -> Iterator[Requests]:
    """The crossing to the server from far away."""
    registered(server, "Ада")
    administer(server, lambda operator: operator.promote("Ада"))
    made = Requests(
        lambda: at_server("127.0.0.1", server.port, "Ада", PASSWORD, NoServerKnown()),
        is_local=False,
        address=f"127.0.0.1:{server.port}",
    )
    yield made
    made.close()


def test_far_away_the_window_says_where_the_server_is_then(
    qtbot: QtBot, away: Requests, window: Show, server: RealServer
) -> None:
    new = free_port()
    administer(server, lambda operator: operator.change_settings({"port": new}))
    user = window("settings")
    bar = user.page.waiting
    user.qtbot.waitUntil(bar.isVisible)
    bar.act._requests = away
    bar.restart.click()
    qtbot.waitUntil(lambda: away.is_idle)
    user.answer(yes=True)
    qtbot.waitUntil(lambda: f"127.0.0.1:{new}" in user.read(bar))
    until(lambda: _listens(new))


def _listens(port: int) -> bool:
    try:
        SecureTalker(port).close()
    except OSError:
        return False
    return True


def test_a_backup_is_restored_by_the_window(window: Show, server: RealServer) -> None:
    def back_up(operator: Administration) -> None:
        *_, found = operator.follow_backup(operator.begin_backup())
        assert found.backups

    administer(server, back_up)
    registered(server, "after")
    user = window("backups")
    user.qtbot.waitUntil(lambda: "Not verified" in user.read())
    user.press("Restore it")
    user.settle()
    assert "Everything goes that came after" in user.asked()
    assert "0 people are online." in user.asked()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: "before-restore" in user.page.told())
    with Talker(server.port) as client:
        assert client.log_in_fully("after")["response"] == 402
    user.window.show_page("audit")
    user.settle()
    assert user.page.model.index(0, 2).data() == "Backup restored"


def test_a_backup_that_cannot_be_restored_is_told(window: Show, server: RealServer) -> None:
    def back_up(operator: Administration) -> None:
        *_, found = operator.follow_backup(operator.begin_backup())
        file = server.data / "backups" / found.backups[0].backup
        file.write_bytes(file.read_bytes()[:-50])

    administer(server, back_up)
    user = window("backups")
    user.qtbot.waitUntil(lambda: "Not verified" in user.read())
    user.press("Restore it")
    user.settle()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: "was not restored" in user.read())
    assert "damaged" in user.read()
    user.qtbot.waitUntil(lambda: user.button("Restore it").isEnabled())


def test_nothing_is_asked_of_a_server_that_is_away(window: Show, server: RealServer) -> None:
    user = before_restart(window, server)
    bar = user.page.waiting
    bar.restart.click()
    user.settle()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: bool(bar.act.is_waiting))
    user.window.refresh()
    user.qtbot.waitUntil(lambda: "The server has restarted." in user.page.told())
    assert not user.page.troubled()
