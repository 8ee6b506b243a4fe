"""The user is told of what is not in sight, once, and can always get the window back."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from messenger.desktop.notifications import announcing, background, sound
from messenger.desktop.notifications.announcing import Announcer
from messenger.desktop.notifications.note import Note, Notifier
from messenger.desktop.notifications.notifications import Notifications
from messenger.desktop.notifications.tray import tray_icon
from messenger.sdk.events import MessageDecrypted, MessageReceived, SummariesChanged
from messenger.sdk.profiles import Preferences
from messenger.sdk.store import MessageSecurity
from tests.ui.samples import message, row


class Bridge(QObject):
    """The signals of a bridge, with no client behind them; `done` is what was written."""

    happened = pyqtSignal(list)
    me = "Мария"

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Any] = []

    def write(self, work: object, *, owner: QObject) -> None:
        self.written.append(work)


class Recorder(Notifier):
    """Remembers what it was asked to show, and to take back."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Note] = []
        self.withdrawn: list[str] = []

    def show_note(self, note: Note) -> None:
        self.notes.append(note)

    def withdraw(self, key: str) -> None:
        self.withdrawn.append(key)


@pytest.fixture
def sounds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    played: list[str] = []
    monkeypatch.setattr(announcing, "play_sound", lambda: played.append("♪"))
    return played


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def announcer(window: QMainWindow, recorder: Recorder, sounds: list[str]) -> Announcer:
    """One whose window is not shown, at the chat with bob."""
    return Announcer("Мария", window, Preferences, lambda: "bob", recorder)


def received(text: str = "hi", **changes: Any) -> MessageReceived:
    return MessageReceived(message(text, **changes))


# --- announcing ------------------------------------------------------------------------


def test_messages_of_a_moment_are_one_notification_with_the_last(
    announcer: Announcer, recorder: Recorder, sounds: list[str]
) -> None:
    announcer.take([received(str(number)) for number in range(100)], {})

    assert recorder.notes == [Note("bob", "bob", "99", sound=True)]
    assert sounds == ["♪"]


def test_a_storm_is_told_once_a_second(
    qtbot: QtBot, announcer: Announcer, recorder: Recorder, sounds: list[str]
) -> None:
    announcer._timer.setInterval(50)
    for number in range(100):
        announcer.take([received(str(number))], {})
    assert len(recorder.notes) == 1

    qtbot.waitUntil(lambda: len(recorder.notes) == 2)
    assert recorder.notes[1].body == "99"
    assert len(sounds) == 2


def test_many_conversations_share_a_notification(announcer: Announcer, recorder: Recorder) -> None:
    announcer.take([received(conversation=f"#{number}") for number in range(4)], {})

    (note,) = recorder.notes
    assert (note.key, note.body) == ("", "4 new messages in 4 conversations")


def test_the_users_own_messages_from_another_device_are_no_news(
    announcer: Announcer, recorder: Recorder
) -> None:
    announcer.take([received(sender="Мария")], {})

    assert not recorder.notes


def test_what_is_in_sight_is_not_announced(
    qtbot: QtBot, window: QMainWindow, announcer: Announcer, recorder: Recorder, sounds: list[str]
) -> None:
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    announcer.take([received()], {})
    assert not sounds
    announcer.take([received(conversation="ann")], {})

    assert not recorder.notes
    assert sounds == ["♪"]


def test_a_sound_is_left_to_a_service_that_plays_it(
    announcer: Announcer, recorder: Recorder, sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorder, "plays_sounds", True)

    announcer.take([received(), received(conversation="ann")], {})

    assert [note.sound for note in recorder.notes] == [True, False]
    assert not sounds


def test_a_text_whose_key_comes_later_replaces_the_notification(
    qtbot: QtBot, announcer: Announcer, recorder: Recorder
) -> None:
    announcer._timer.setInterval(10)
    waiting = message("", security=MessageSecurity.WAITING)
    announcer.take([MessageReceived(waiting)], {})
    assert "waiting for the key" in recorder.notes[0].body

    announcer.take([MessageDecrypted(message("at last"))], {})

    qtbot.waitUntil(lambda: recorder.notes[-1] == Note("bob", "bob", "at last"))


def test_what_was_read_elsewhere_is_taken_back(announcer: Announcer, recorder: Recorder) -> None:
    announcer.take([received()], {})
    announcer.take([SummariesChanged((row("bob", unread=1),))], {})
    assert not recorder.withdrawn

    announcer.take([SummariesChanged((row("bob"), row("ann")))], {})

    assert recorder.withdrawn == ["bob"]


def test_a_sound_needs_no_player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    beeps: list[str] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append("beep"))
    monkeypatch.setattr(sound, "_player", lambda: None)

    sound.play_sound()

    assert beeps == ["beep"]


# --- counts, the tray, closing ----------------------------------------------------------


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


@pytest.fixture
def preferences() -> Preferences:
    return Preferences()


@pytest.fixture
def notifications(
    window: QMainWindow, bridge: Bridge, preferences: Preferences, sounds: list[str]
) -> Iterator[Notifications]:
    made = Notifications(bridge, window, lambda: preferences, lambda: "bob")  # type: ignore[arg-type]  # a stand-in
    yield made
    made._remove_tray()


@pytest.fixture
def ended(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ends: list[str] = []
    monkeypatch.setattr(background.QTimer, "singleShot", lambda _time, do: do())
    monkeypatch.setattr(QApplication, "quit", lambda: ends.append("quit"))
    return ends


def test_the_title_has_the_number_of_unread_messages(
    window: QMainWindow, bridge: Bridge, notifications: Notifications
) -> None:
    notifications.take_rows([row("bob", unread=2)])
    assert window.windowTitle() == "(2) Messenger — Мария"

    bridge.happened.emit([SummariesChanged((row("bob", unread=3), row("ann", unread=1)))])
    assert window.windowTitle() == "(4) Messenger — Мария"
    bridge.happened.emit([SummariesChanged((row("bob"), row("ann")))])
    assert window.windowTitle() == "Messenger — Мария"


def test_a_click_on_a_notification_opens_the_conversation_in_front(
    qtbot: QtBot, window: QMainWindow, notifications: Notifications
) -> None:
    with qtbot.waitSignal(notifications.opened) as told:
        notifications._ways.opened.emit("#чай")

    assert told.args == ["#чай"]
    assert window.isVisible()


def test_a_conversation_can_be_marked_as_read_from_its_notification(
    bridge: Bridge, notifications: Notifications
) -> None:
    notifications._ways.read.emit("#чай")

    assert len(bridge.written) == 1


def test_without_a_tray_closing_ends_the_program(
    window: QMainWindow, notifications: Notifications, ended: list[str]
) -> None:
    assert notifications.tray is None
    window.show()

    window.close()

    assert ended == ["quit"]
    assert not window.isVisible()


def test_with_a_tray_closing_hides_the_window_and_says_so_once(
    window: QMainWindow,
    notifications: Notifications,
    ended: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda _icon, _title, body, _kind: told.append(body)
    )
    notifications._tray_changed(True)
    for _time in range(2):
        window.show()
        window.close()
        assert not window.isVisible()

    assert not ended
    assert len(told) == 1
    assert "tray" in told[0]


def test_whoever_does_not_want_the_tray_ends_the_program_by_closing(
    window: QMainWindow, notifications: Notifications, preferences: Preferences, ended: list[str]
) -> None:
    notifications._tray_changed(True)
    preferences.close_to_tray = False
    window.show()

    window.close()

    assert ended == ["quit"]
    assert notifications.tray is None


def test_a_hidden_window_is_shown_when_the_tray_is_gone(
    window: QMainWindow, notifications: Notifications, ended: list[str]
) -> None:
    notifications._tray_changed(True)
    window.show()
    window.close()

    notifications._tray_changed(False)

    assert window.isVisible()
    window.close()
    assert ended == ["quit"]


def test_the_menu_of_the_tray_opens_mutes_and_quits(
    window: QMainWindow, notifications: Notifications, ended: list[str]
) -> None:
    notifications._tray_changed(True)
    tray = notifications.tray
    assert tray is not None
    actions = {action.text(): action for action in tray.menu.actions()}

    actions["Open Messenger"].trigger()
    assert window.isVisible()
    actions["Mute for an hour"].trigger()
    assert notifications.announcer.attention.is_muted
    assert not actions["Mute for an hour"].isVisible()
    actions["Unmute"].trigger()
    assert not notifications.announcer.attention.is_muted
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    actions["Quit"].trigger()
    assert ended == ["quit"]


def test_the_icon_has_the_number(qapp: QApplication) -> None:
    pictures = [tray_icon(unread).pixmap(32, 32).toImage() for unread in (0, 1, 12, 100)]

    assert all(one != other for one, other in itertools.pairwise(pictures))
