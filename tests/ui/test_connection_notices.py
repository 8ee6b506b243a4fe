"""What a user is told of the connection: changes, and not each try."""

import pytest

from messenger.jim.errors import DeviceRemoved, Forbidden, Stopping
from messenger.sdk.errors import ConnectionLost, Unreachable
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.ui.connection_notices import ConnectionLine, ConnectionNotices, connection_line
from messenger.ui.notices import Do, NoticeAction

ONLINE = StateChanged(ConnectionState.ONLINE)
LOST = StateChanged(ConnectionState.OFFLINE, ConnectionLost())
TRIES = StateChanged(ConnectionState.CONNECTING)


def told(*events: StateChanged) -> list[str]:
    connection = ConnectionNotices()
    return [notice.text for notice in map(connection.of, events) if notice is not None]


def test_the_first_connection_is_no_news() -> None:
    assert told(TRIES, ONLINE) == []


def test_a_loss_is_told_once_however_often_it_is_tried_again() -> None:
    assert told(ONLINE, LOST, TRIES, LOST, TRIES, LOST) == [
        "Connection lost. Reconnecting; messages you write will be sent later."
    ]


def test_the_connection_that_is_there_again_is_told() -> None:
    assert told(ONLINE, LOST, TRIES, ONLINE)[1:] == ["Connected again."]


def test_control_characters_of_a_server_reach_no_screen() -> None:
    assert told(StateChanged(ConnectionState.OFFLINE, Stopping("\x1b[2J")))[0].startswith("␛[2J.")


def test_whoever_is_let_in_no_more_can_log_in_again() -> None:
    connection = ConnectionNotices()
    connection.of(ONLINE)

    ended = connection.of(StateChanged(ConnectionState.REFUSED, Forbidden("Blocked")))

    assert ended is not None
    assert ended.text == "Blocked."
    assert ended.actions == (NoticeAction(Do.LOG_IN),)


def test_whoever_uses_a_removed_device_needs_the_password() -> None:
    connection = ConnectionNotices()
    connection.of(ONLINE)

    removed = StateChanged(ConnectionState.REFUSED, DeviceRemoved("Removed"))
    ended = connection.of(removed)

    assert ended is not None
    assert ended.actions == (NoticeAction(Do.LOG_IN_WITH_PASSWORD),)


def test_a_refusal_of_the_first_login_is_asked_about_and_not_told() -> None:
    assert told(TRIES, StateChanged(ConnectionState.REFUSED, "Wrong password")) == []


AWAY = ConnectionState.OFFLINE


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (ONLINE, None),
        (StateChanged(ConnectionState.CLOSED), None),
        (TRIES, ConnectionLine("Connecting…")),
        (StateChanged(AWAY), ConnectionLine("No connection", can_retry=True)),
        (
            StateChanged(AWAY, ConnectionLost(), 101.0),
            ConnectionLine("No connection. Next attempt in 1 second", can_retry=True),
        ),
        (
            StateChanged(AWAY, Unreachable("…", no_network=True), 112.5),
            ConnectionLine("Waiting for a network. Next attempt in 13 seconds", can_retry=True),
        ),
        (
            StateChanged(ConnectionState.REFUSED, Forbidden("Blocked")),
            ConnectionLine("Login refused: Blocked", can_log_in=True),
        ),
    ],
)
def test_the_connection_is_one_line_with_what_helps(
    event: StateChanged, line: ConnectionLine | None
) -> None:
    assert connection_line(event, now=100.0) == line
