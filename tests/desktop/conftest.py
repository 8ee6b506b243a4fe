"""Fixtures of the desktop client: people, their windows, and what no test may leave or do."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytestqt.qtbot import QtBot

from tests.desktop.guarding import guarded
from tests.desktop.people import People, Person
from tests.names import DIRECTORY
from tests.running import RunningServer, running, until

if TYPE_CHECKING:
    from messenger.desktop.main_window import MainWindow


# Milliseconds instead of 5,000: on a busy machine that is not long, and what hangs is found anyway.
for _wait in (QtBot.waitUntil, QtBot.waitSignal):
    if _wait.__kwdefaults__ and "timeout" in _wait.__kwdefaults__:
        _wait.__kwdefaults__["timeout"] = 60_000


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server in a process of its own, without rate limits: each test uses names of its own."""
    data = tmp_path_factory.mktemp("server") / DIRECTORY
    with running(data, "--limits", "off") as server:
        yield server


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    """No thread outlives its test."""
    before = set(threading.enumerate())
    yield
    until(lambda: not _started_since(before), 10)


def _started_since(before: set[threading.Thread]) -> list[threading.Thread]:
    # Dummies are Qt's own threads, in which Python code has run: nobody can see their end.
    return [
        one
        for one in threading.enumerate()
        if one not in before and not isinstance(one, threading._DummyThread)
    ]


@pytest.fixture(autouse=True)
def calls_in_gui_thread(_threads_end: None) -> Iterator[list[str]]:
    """No window calls the client in the GUI thread (`guarding.py`)."""
    with guarded() as calls:
        yield calls
    assert not calls, "\n".join(calls)


@pytest.fixture(autouse=True)
def _no_bug_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No handler of the client's events raises anything: the client logs that, and goes on."""
    yield
    for record in caplog.get_records("call"):
        is_in_client = record.module in ("handlers", "client") and record.levelno >= logging.ERROR
        assert not is_in_client, record.getMessage()


@pytest.fixture
def person(
    server: RunningServer, name: Callable[[str], str], tmp_path: Path, calls_in_gui_thread: None
) -> Iterator[People]:
    """Log people in, under names that nobody else uses: `person("ann")`, `person("ann", port)`."""
    made: list[Person] = []

    def make(start: str, port: int = 0, *, online: bool = True) -> Person:
        directory = tmp_path / f"person{len(made)}"
        directory.mkdir()
        made.append(Person(name(start), port or server.port, directory))
        if online:
            made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def window(qtbot: QtBot, person: People) -> Callable[[Person], "MainWindow"]:
    """Show people's main windows: `window(person("ann"))`."""
    from messenger.desktop.main_window import MainWindow
    from messenger.ui.prompts import Prompter

    def show(whose: Person) -> MainWindow:
        made = MainWindow(whose.bridge, whose.profile, Prompter(may_ask=False))
        qtbot.addWidget(made)
        made.resize(1000, 700)
        made.show()
        made.activateWindow()  # as a user's: what arrives in an active window is read
        qtbot.waitUntil(made.isActiveWindow)
        return made

    return show
