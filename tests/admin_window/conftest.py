"""Fixtures of the administration window: a large server, pages on it, and what none may do."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from messenger.admin_window.main_window import AdminWindow
from messenger.admin_window.places import page_makers
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.requests import Requests
from messenger.sdk.administration import Administration, at_socket
from messenger.windows.look.theme import theme
from tests.admin_window.large_server import fill
from tests.admin_window.using import User
from tests.names import DIRECTORY
from tests.running import RunningServer, running

# Milliseconds instead of 5,000: on a busy machine that is not long, and what hangs is found anyway.
for _wait in (QtBot.waitUntil, QtBot.waitSignal):
    if _wait.__kwdefaults__ and "timeout" in _wait.__kwdefaults__:
        _wait.__kwdefaults__["timeout"] = 60_000


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a server with 100,000 accounts, to be copied."""
    data = tmp_path_factory.mktemp("large") / DIRECTORY
    fill(data)
    return data


@pytest.fixture(scope="module")
def server(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with 100,000 accounts, in a process of its own: tests use accounts of their own."""
    data = tmp_path_factory.mktemp("server") / DIRECTORY
    shutil.copytree(large, data)
    with running(data, "--limits", "off") as server:
        yield server


@pytest.fixture(autouse=True)
def calls_in_gui_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """No window asks the server in the thread that draws and takes the user's keys."""
    calls: list[str] = []
    made = Administration.__init__

    def make(self: Administration, ask: Any, close: Any = lambda: None) -> None:
        def checked(request: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                calls.append(type(request).__name__)
                raise AssertionError(f"{calls[-1]} is asked in the GUI thread")
            return ask(request)

        made(self, checked, close)

    monkeypatch.setattr(Administration, "__init__", make)
    yield calls
    assert calls == []


@pytest.fixture
def requests(server: RunningServer) -> Iterator[Requests]:
    """The crossing to the server, at the operator's socket."""
    made = Requests(lambda: at_socket(server.data / "admin.sock"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def loader(qapp: object) -> Iterator[PlotLoader]:
    """The library of plots, loaded once."""
    made = PlotLoader()
    yield made
    made.join()


@pytest.fixture
def window(qtbot: QtBot, requests: Requests, loader: PlotLoader) -> Iterator[Callable[[str], User]]:
    """Show the window with a page: `window("accounts")`."""
    theme.apply("light")
    shown: list[AdminWindow] = []

    def show(page: str) -> User:
        made = AdminWindow("chat.example.org", "operator", page_makers(requests, loader))
        shown.append(made)
        made.show_page(page)
        made.show()
        made.activateWindow()  # Shortcuts are for active windows.
        qtbot.waitUntil(made.isActiveWindow)
        user = User(made, requests, qtbot)
        user.settle()
        return user

    yield show
    for one in shown:
        one.close()
        one.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
