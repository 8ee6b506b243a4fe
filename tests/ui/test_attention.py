"""A user is told of what is not in sight, as they want it, and not for each message of a crowd."""

from math import inf

import pytest

from messenger.sdk.profiles import Preferences
from messenger.ui.attention import Alert, Attention
from tests.ui.samples import message, row
from tests.ui.test_typing import Clock


def alert(
    *, bell: bool = True, notes: bool = True, muted: bool = False, is_open: bool, has_focus: bool
) -> Alert:
    attention = Attention(lambda: Preferences(bell=bell, notes=notes))
    of = row("bob", muted_until=inf if muted else 0.0)
    return attention.alert(message("привет"), of, is_open=is_open, has_focus=has_focus)


def test_what_is_in_sight_calls_for_nothing() -> None:
    assert alert(is_open=True, has_focus=True) == Alert()


def test_another_conversation_makes_a_sound() -> None:
    assert alert(is_open=False, has_focus=True) == Alert(sound=True)


@pytest.mark.parametrize("is_open", [True, False])
def test_whoever_looks_elsewhere_gets_a_notification_too(is_open: bool) -> None:
    assert alert(is_open=is_open, has_focus=False) == Alert(True, "bob", "привет")


@pytest.mark.parametrize("has_focus", [True, False])
def test_what_is_muted_calls_for_nothing(has_focus: bool) -> None:
    assert alert(muted=True, is_open=False, has_focus=has_focus) == Alert()


def test_each_way_can_be_turned_off() -> None:
    assert alert(bell=False, is_open=False, has_focus=False) == Alert(False, "bob", "привет")
    assert alert(notes=False, is_open=False, has_focus=False) == Alert(True)


def test_a_crowd_calls_once_a_second() -> None:
    clock = Clock()
    attention = Attention(Preferences, clock=clock)

    def calls() -> list[bool]:
        return [
            attention.alert(message(), None, is_open=False, has_focus=True).sound
            for _number in range(3)
        ]

    assert calls() == [True, False, False]
    clock.now += 1
    assert calls() == [True, False, False]


def note(shows: str, **changes: object) -> str:
    attention = Attention(lambda: Preferences(notes_show=shows))  # type: ignore[arg-type]  # of the table
    told = attention.alert(message("пароль: 1\n2", **changes), None, is_open=True, has_focus=False)
    return told.notification


def test_a_notification_shows_as_much_as_the_user_wants() -> None:
    room = {"conversation": "#отдел", "sender": "you"}

    assert note("text") == "bob: пароль: 1\n    2"
    assert note("text", **room) == "#отдел: “you”: пароль: 1\n    2"
    assert note("name", **room) == "#отдел: New message"
    assert note("nothing", **room) == "Messenger: New message"


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"conversation": "#отдел"}, False),
        ({"conversation": "#отдел", "mentions": True}, True),
        ({"conversation": "bob"}, True),
    ],
)
def test_only_mentions_and_direct_messages_alert_where_the_user_wants_it(
    changes: dict[str, object], is_told: bool
) -> None:
    attention = Attention(lambda: Preferences(notify_about="mentions"))

    told = attention.alert(message(**changes), None, is_open=False, has_focus=False)

    assert bool(told.sound) is bool(told.title) is is_told


def test_everything_can_be_muted_for_a_time() -> None:
    clock = Clock()
    attention = Attention(Preferences, clock=clock)
    attention.mute(3600)

    assert attention.is_muted
    assert not attention.alert(message(), None, is_open=False, has_focus=True).sound
    clock.now += 3600
    assert attention.alert(message(), None, is_open=False, has_focus=True).sound
    attention.mute(3600)
    attention.mute(0)
    assert not attention.is_muted
