"""Notifications on the bus of a desktop: they replace each other, act, and block nobody."""

import os
import shutil
import time
from collections.abc import Iterator

import pytest
from PyQt6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from messenger.desktop.notifications.freedesktop import FreedesktopNotifier
from messenger.desktop.notifications.note import Note
from messenger.desktop.notifications.tray_host import TrayHost
from tests.desktop.notification_daemon import NOTIFICATIONS, TRAY, FakeDesktop

SOON = 5.0
"""Seconds: a hundred calls that waited for a service that hangs would take ten."""


@pytest.fixture(scope="module")
def processes() -> Iterator[FakeDesktop]:
    if shutil.which("dbus-daemon") is None:
        pytest.fail("dbus-daemon is needed: apt-get install dbus (make test installs it)")
    desktop = FakeDesktop()
    yield desktop
    desktop.close()


@pytest.fixture
def desktop(processes: FakeDesktop) -> Iterator[FakeDesktop]:
    """The desktop, whose notification service has started."""
    processes.do("own", NOTIFICATIONS)
    yield processes
    processes.do("go on")
    processes.do("capabilities", ["body", "actions"])
    processes.do("give up", NOTIFICATIONS)
    processes.calls.clear()


@pytest.fixture
def bus(processes: FakeDesktop) -> Iterator[QDBusConnection]:
    name = f"test {time.monotonic()}"
    yield QDBusConnection.connectToBus(processes.address, name)
    QDBusConnection.disconnectFromBus(name)


@pytest.fixture
def notifier(qtbot: QtBot, desktop: FakeDesktop, bus: QDBusConnection) -> FreedesktopNotifier:
    made = FreedesktopNotifier(bus)
    qtbot.waitUntil(lambda: made.is_available)
    return made


def test_a_notification_has_the_text_actions_a_picture_and_a_sound_by_name(
    qtbot: QtBot, desktop: FakeDesktop, notifier: FreedesktopNotifier
) -> None:
    notifier.show_note(Note("Мария", "Мария", "привет <b>", sound=True))
    qtbot.waitUntil(lambda: len(desktop.notes()) == 1)

    (shown,) = desktop.notes()
    assert (shown["title"], shown["body"]) == ("Мария", "привет <b>")
    assert shown["actions"] == ["default", "Open", "mark-read", "Mark as read"]
    assert shown["has_picture"]
    assert shown["hints"] == {
        "category": "im.received",
        "desktop-entry": "messenger",
        "sound-name": "message-new-instant",
        "urgency": 1,
    }


def test_a_text_is_no_markup_where_the_service_reads_markup(
    qtbot: QtBot, desktop: FakeDesktop, bus: QDBusConnection
) -> None:
    desktop.do("capabilities", ["body", "body-markup"])
    notifier = FreedesktopNotifier(bus)
    notifier.show_note(Note("eve", "eve", '<img src="x"> & so'))
    qtbot.waitUntil(lambda: len(desktop.notes()) == 1)

    (shown,) = desktop.notes()
    assert shown["body"] == "&lt;img src=&quot;x&quot;&gt; &amp; so"
    assert shown["actions"] == []
    assert shown["hints"]["suppress-sound"]


def test_a_newer_notification_replaces_that_of_its_conversation_only(
    qtbot: QtBot, desktop: FakeDesktop, notifier: FreedesktopNotifier
) -> None:
    # The second is asked for before the id of the first is known, the third waits in its place.
    for text in ("one", "two", "three"):
        notifier.show_note(Note("ann", "ann", text))
    notifier.show_note(Note("bob", "bob", "hi"))
    qtbot.waitUntil(lambda: len(desktop.notes()) == 3)

    by_text = {one["body"]: one for one in desktop.notes()}
    assert set(by_text) == {"one", "hi", "three"}
    assert by_text["three"]["replaces"] == by_text["one"]["id"]
    assert by_text["hi"]["replaces"] == 0


@pytest.mark.parametrize(("action", "signal"), [("default", "opened"), ("mark-read", "read")])
def test_an_action_is_told_with_its_conversation(
    qtbot: QtBot, desktop: FakeDesktop, notifier: FreedesktopNotifier, action: str, signal: str
) -> None:
    notifier.show_note(Note("#чай", "#чай", "ann: hi"))
    qtbot.waitUntil(lambda: bool(notifier._shown.get("#чай") and notifier._shown["#чай"].id))
    number = desktop.notes()[0]["id"]

    with qtbot.waitSignal(getattr(notifier, signal)) as told:
        desktop.do("invoke", number + 100, action)  # another program's
        desktop.do("invoke", number, action)

    assert told.args == ["#чай"]
    qtbot.waitUntil(lambda: {"call": "close", "id": number} in desktop.calls)


def test_a_token_lets_the_window_come_to_the_front(
    qtbot: QtBot,
    desktop: FakeDesktop,
    notifier: FreedesktopNotifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    notifier.show_note(Note("ann", "ann", "hi"))
    qtbot.waitUntil(lambda: bool(notifier._shown["ann"].id))

    desktop.do("token", desktop.notes()[0]["id"], "a token")

    qtbot.waitUntil(lambda: os.environ["XDG_ACTIVATION_TOKEN"] == "a token")


def test_what_was_read_is_taken_back_even_before_its_id_is_known(
    qtbot: QtBot, desktop: FakeDesktop, notifier: FreedesktopNotifier
) -> None:
    notifier.show_note(Note("ann", "ann", "hi"))
    notifier.withdraw("ann")
    notifier.withdraw("nobody")
    qtbot.waitUntil(lambda: any(one["call"] == "close" for one in desktop.calls))

    assert desktop.calls[-1]["id"] == desktop.notes()[0]["id"]


def test_after_the_user_has_closed_it_a_new_one_replaces_nothing(
    qtbot: QtBot, desktop: FakeDesktop, notifier: FreedesktopNotifier
) -> None:
    notifier.show_note(Note("ann", "ann", "one"))
    qtbot.waitUntil(lambda: bool(notifier._shown["ann"].id))
    desktop.do("closed", desktop.notes()[0]["id"])
    qtbot.waitUntil(lambda: "ann" not in notifier._shown)

    notifier.show_note(Note("ann", "ann", "two"))
    qtbot.waitUntil(lambda: len(desktop.notes()) == 2)

    assert desktop.notes()[1]["replaces"] == 0


def test_a_service_that_hangs_blocks_nobody_and_is_given_up(
    qtbot: QtBot,
    desktop: FakeDesktop,
    notifier: FreedesktopNotifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("messenger.desktop.notifications.dbus_values.TIMEOUT", 100)
    desktop.do("hang")
    began = time.monotonic()
    for number in range(100):
        notifier.show_note(Note("ann", "ann", str(number)))
    assert time.monotonic() - began < SOON

    qtbot.waitUntil(lambda: not notifier.is_available)
    assert len(desktop.notes()) == 1
    desktop.do("go on")
    desktop.do("give up", NOTIFICATIONS)
    desktop.do("own", NOTIFICATIONS)  # It was started again.
    qtbot.waitUntil(lambda: notifier.is_available)
    notifier.show_note(Note("ann", "ann", "after that"))
    qtbot.waitUntil(lambda: desktop.notes()[-1]["body"] == "after that")
    assert desktop.notes()[-1]["replaces"] == 0


def test_without_a_service_nothing_breaks_and_one_that_comes_is_used(
    qtbot: QtBot, processes: FakeDesktop, bus: QDBusConnection
) -> None:
    notifier = FreedesktopNotifier(bus)
    notifier.show_note(Note("ann", "ann", "lost"))
    qtbot.waitUntil(lambda: not notifier._is_asking)
    assert not notifier.is_available

    with qtbot.waitSignal(notifier.available_changed):
        processes.do("own", NOTIFICATIONS)
    assert notifier.is_available
    with qtbot.waitSignal(notifier.available_changed):
        processes.do("give up", NOTIFICATIONS)
    assert not notifier.is_available
    assert not processes.notes()


def test_the_tray_is_watched(qtbot: QtBot, processes: FakeDesktop, bus: QDBusConnection) -> None:
    host = TrayHost(bus)
    assert not host.is_available

    with qtbot.waitSignal(host.changed) as told:
        processes.do("own", TRAY)
    assert told.args == [True]
    with qtbot.waitSignal(host.changed) as told:
        processes.do("give up", TRAY)
    assert told.args == [False]
