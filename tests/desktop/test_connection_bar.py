"""The connection is shown quietly: only when there is none, and with what helps."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from messenger.desktop import connection_bar
from messenger.desktop.connection_bar import ConnectionBar
from messenger.desktop.main_window import MainWindow
from messenger.desktop.security.log_in import LogInDialog
from messenger.jim.errors import Forbidden
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.server_identity import KeyReplaced
from tests.desktop.people import People, Person
from tests.desktop.standing_in import StandIn

ONLINE = StateChanged(ConnectionState.ONLINE)
CONNECTING = StateChanged(ConnectionState.CONNECTING)


class Connected:
    """A client whose connection is in some state; `tries` are attempts that the user wanted."""

    def __init__(self, state: StateChanged = ONLINE) -> None:
        self.connection = state
        self.tries = 0

    def try_now(self) -> None:
        self.tries += 1


@pytest.fixture
def client() -> Connected:
    return Connected()


@pytest.fixture
def bar(qtbot: QtBot, client: Connected) -> ConnectionBar:
    made = ConnectionBar(StandIn(client))  # type: ignore[arg-type]  # a stand-in
    qtbot.addWidget(made)
    return made


def offline(seconds: float) -> StateChanged:
    return StateChanged(ConnectionState.OFFLINE, ConnectionLost(), time.time() + seconds)


def test_nothing_is_shown_while_all_is_well(bar: ConnectionBar) -> None:
    assert bar.text == ""


def test_a_pause_is_counted_down_and_nothing_runs_afterwards(
    qtbot: QtBot, bar: ConnectionBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(connection_bar, "time", SimpleNamespace(time=lambda: now[0]))
    bar._countdown.setInterval(1)
    bar.take([StateChanged(ConnectionState.OFFLINE, ConnectionLost(), 102.0)])
    assert bar.text == "No connection. Next attempt in 2 seconds"
    assert bar.accessibleName() == bar.text

    now[0] = 101
    qtbot.waitUntil(lambda: bar.text == "No connection. Next attempt in 1 second")
    now[0] = 102
    qtbot.waitUntil(lambda: bar.text == "No connection")
    assert not bar._countdown.isActive()
    bar.take([SimpleNamespace(), ONLINE])
    assert bar.text == ""


def test_the_user_can_try_now(bar: ConnectionBar, client: Connected) -> None:
    bar.take([offline(100)])

    bar._retry.click()

    assert client.tries == 1
    assert not bar._retry.isEnabled()
    bar.take([CONNECTING])
    assert bar.text == "Connecting…"
    bar.take([offline(100)])
    assert bar._retry.isEnabled()


def test_an_attempt_is_shown_only_if_it_takes_long(qtbot: QtBot, bar: ConnectionBar) -> None:
    bar._delay.setInterval(10)
    bar.take([CONNECTING, ONLINE])
    assert not bar._delay.isActive()

    bar.take([CONNECTING])
    assert bar.text == ""

    qtbot.waitUntil(lambda: bar.text == "Connecting…")


def test_whoever_is_refused_can_log_in_again(qtbot: QtBot, bar: ConnectionBar) -> None:
    bar.take([StateChanged(ConnectionState.REFUSED, Forbidden("Blocked"))])
    assert bar.text == "Login refused: Blocked"

    with qtbot.waitSignal(bar.login_wanted):
        bar._log_in.click()


def test_no_login_is_offered_against_a_changed_key(bar: ConnectionBar) -> None:
    bar.take([StateChanged(ConnectionState.REFUSED, KeyReplaced("ab " * 32, "cd" * 32))])

    assert bar.text.startswith("Login refused")
    assert bar._log_in.isHidden()


def test_the_window_asks_whoever_is_refused_for_the_password(
    person: People, window: Callable[[Person], MainWindow]
) -> None:
    shown = window(person("ann"))
    shown.connection.take([StateChanged(ConnectionState.REFUSED, Forbidden("Blocked"))])

    shown.connection._log_in.click()

    assert [one.isVisible() for one in shown.findChildren(LogInDialog)] == [True]


def test_a_state_from_before_the_window_is_shown(qtbot: QtBot) -> None:
    bar = ConnectionBar(StandIn(Connected(offline(100))))  # type: ignore[arg-type]  # a stand-in
    qtbot.addWidget(bar)

    assert bar.text.startswith("No connection")


def test_a_server_that_cannot_be_reached_is_tried_again_and_found(
    qtbot: QtBot, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_bar, "_PATIENCE", 0)
    ann = person("ann", 1, online=False)
    bar = ConnectionBar(ann.bridge)
    qtbot.addWidget(bar)
    ann.do(lambda client: client.start())

    qtbot.waitUntil(lambda: bar.text.startswith("No connection"), timeout=20_000)
    attempts: list[StateChanged] = []
    ann.bridge.happened.connect(attempts.extend)
    bar._retry.click()
    qtbot.waitUntil(lambda: len(attempts) > 1, timeout=20_000)
