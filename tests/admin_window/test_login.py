"""Logging in to a server far away, and what happens when it is lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from messenger.admin_window.login import LoginDialog
from messenger.admin_window.main_window import AdminWindow
from messenger.admin_window.opening import Away, Here, continuing
from messenger.admin_window.places import page_makers
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.requests import Requests
from messenger.jim.errors import Conflict
from messenger.sdk import directories
from messenger.sdk.administration import Administration, at_socket
from messenger.windows.gui_thread import GuiThread
from tests.admin_window.using import User
from tests.running import RunningServer, running
from tests.server.administrators import registered
from tests.stretching import PASSWORD

Names = Callable[[str], str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A small server, which tests may stop."""
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


@pytest.fixture(autouse=True)
def _known_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of servers is in a directory of the test's own."""
    monkeypatch.setattr(directories, "user_data_path", lambda *_arguments: tmp_path)


@pytest.fixture
def administrator(server: RunningServer, name: Names) -> str:
    """An account with the role."""
    return registered(server, name("root"))


def _promote(server: RunningServer, who: str) -> None:
    _by_another(server, lambda administration: administration.promote(who))


def _end_others(administration: Administration) -> None:
    for one in administration.sessions().sessions:
        with suppress(Conflict):  # its own
            administration.end_session(one.number)


def _by_another(server: RunningServer, act: Callable[[Administration], object]) -> None:
    """As another program would, in its own thread."""
    import threading

    def work() -> None:
        with at_socket(server.data / "admin.sock") as administration:
            act(administration)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def _dialog(qtbot: QtBot, server: RunningServer, who: str, password: str) -> LoginDialog:
    dialog = LoginDialog(GuiThread(), Away(f"127.0.0.1:{server.port}", who, password))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _said(dialog: LoginDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def _window(qtbot: QtBot, requests: Requests, loader: PlotLoader, page: str) -> User:
    window = AdminWindow("server", "root", page_makers(requests, loader))
    qtbot.addWidget(window)
    window.show_page(page)
    window.show()
    user = User(window, requests, qtbot)
    user.settle()
    return user


def _requests_here(data: Path) -> Requests:
    """Return the requests of a window on the server's machine."""
    here = Here(data)
    return Requests(continuing(here.open, here.open_again))


def test_an_administrator_logs_in(
    qtbot: QtBot, server: RunningServer, administrator: str, loader: PlotLoader
) -> None:
    _promote(server, administrator)
    dialog = _dialog(qtbot, server, administrator, PASSWORD)
    opened: list[tuple[Away, Administration]] = []
    dialog.connected.connect(lambda *found: opened.append(found))
    dialog.log_in.click()
    qtbot.waitUntil(lambda: opened != [])
    given, administration = opened[0]
    requests = Requests(continuing(lambda: administration, given.open))
    user = _window(qtbot, requests, loader, "accounts")
    assert administrator in user.names()
    server.kill()
    user.window.refresh()
    user.settle()
    assert user.page.troubled() == "Connection lost"
    user.window.refresh()
    user.settle()
    assert "cannot be reached" in user.page.troubled()
    server.start()
    user.window.refresh()
    user.settle()
    assert user.page.troubled() == ""
    requests.close()


def test_a_wrong_password_can_be_corrected(
    qtbot: QtBot, server: RunningServer, administrator: str
) -> None:
    dialog = _dialog(qtbot, server, administrator, "not the password")
    dialog.log_in.click()
    assert not dialog.log_in.isEnabled()
    qtbot.waitUntil(lambda: "assword" in dialog._error.text())
    assert dialog.password.edit.hasSelectedText()
    opened: list[object] = []
    dialog.connected.connect(lambda _given, found: opened.append(found))
    dialog.password.edit.setText(PASSWORD)
    dialog.log_in.click()
    qtbot.waitUntil(lambda: opened != [])
    assert isinstance(opened[0], Administration)
    opened[0].close()


def test_what_is_missing_is_said_at_its_field(qtbot: QtBot, server: RunningServer) -> None:
    dialog = _dialog(qtbot, server, "", "")
    dialog.log_in.click()
    assert "Type your name" in _said(dialog)
    assert "Type your password" in _said(dialog)


def test_a_user_is_told_that_he_may_not(
    qtbot: QtBot, server: RunningServer, administrator: str, loader: PlotLoader
) -> None:
    away = Away(f"127.0.0.1:{server.port}", administrator, PASSWORD)
    requests = Requests(away.open)
    user = _window(qtbot, requests, loader, "accounts")
    assert "Your account may not do this" in user.read()
    _promote(server, administrator)
    user.press("Try again")
    user.settle()
    # The role is read at the login.
    requests.close()


def test_another_key_than_before_is_no_login(
    qtbot: QtBot, server: RunningServer, administrator: str
) -> None:
    given = Away(f"127.0.0.1:{server.port}", administrator, PASSWORD, "ab" * 32)
    dialog = LoginDialog(GuiThread(), given)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.log_in.click()
    qtbot.waitUntil(lambda: "key" in dialog._error.text())


def test_without_a_server_its_services_run_in_the_window(
    qtbot: QtBot, loader: PlotLoader, tmp_path: Path
) -> None:
    data = tmp_path / "own"
    requests = _requests_here(data)
    user = _window(qtbot, requests, loader, "audit")
    assert "There is no directory" in user.read()
    with running(data) as server:
        server.stop()
    user.press("Try again")
    user.settle()
    assert "nothing here yet" in user.read()
    requests.close()


def test_a_window_does_not_keep_a_stopped_server_from_starting(
    qtbot: QtBot, loader: PlotLoader, server: RunningServer
) -> None:
    requests = _requests_here(server.data)
    user = _window(qtbot, requests, loader, "audit")
    server.kill()
    for _attempt in range(2):
        user.window.refresh()
        user.settle()
    assert "cannot be reached" in user.page.troubled() or "cannot be reached" in user.read()
    server.start()
    user.window.refresh()
    user.settle()
    assert user.page.troubled() == ""
    requests.close()


def test_a_window_whose_connection_was_ended_connects_again(
    qtbot: QtBot, loader: PlotLoader, server: RunningServer
) -> None:
    requests = _requests_here(server.data)
    user = _window(qtbot, requests, loader, "audit")
    _by_another(server, _end_others)
    user.window.refresh()
    user.settle()
    assert "has ended this connection" in user.read()
    user.window.refresh()
    user.settle()
    assert "has ended this connection" not in user.read()
    requests.close()
