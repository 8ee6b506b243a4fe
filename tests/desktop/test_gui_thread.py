"""The rule that no window calls the client in the GUI thread, and that tests notice it."""

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from messenger.sdk import Client
from tests.desktop.guarding import CalledInGuiThread
from tests.desktop.people import People


def test_verbs_properties_and_the_database_refuse_in_the_gui_thread(
    person: People, calls_in_gui_thread: list[str]
) -> None:
    client = person("ann").client
    for call in (
        lambda: client.send_text("bob", "hello"),
        lambda: client.connection,
        client.try_now,
        lambda: client.keys.is_approved,
        lambda: client.store.page("bob"),
        client.store.summaries,
        client.core.people.contacts,
    ):
        with pytest.raises(CalledInGuiThread):
            call()
    assert len(calls_in_gui_thread) == 7
    calls_in_gui_thread.clear()


def test_a_call_in_a_slot_is_recorded_even_if_its_error_is_swallowed(
    person: People, qtbot: QtBot, calls_in_gui_thread: list[str]
) -> None:
    client: Client = person("ann", online=False).client

    def slot() -> None:
        try:
            client.summaries()
        except Exception:
            swallowed.append(1)

    swallowed: list[int] = []
    QTimer.singleShot(0, slot)
    qtbot.waitUntil(lambda: bool(swallowed))
    assert "slot" in calls_in_gui_thread[0]
    calls_in_gui_thread.clear()


def test_threads_may_call(person: People) -> None:
    ann, bob = person("ann"), person("bob")
    ann.say(bob.name, "hello")
    assert ann.do(lambda client: client.connection.state) == "online"
