"""No messages stand below the name of another conversation, however its own are read."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from messenger.desktop.main_window import MainWindow
from messenger.desktop.messages import pages as pages_module
from messenger.desktop.messages.reading import read_opened
from messenger.sdk.errors import StoreUnusable
from tests.desktop.people import People, Person

Windows = Callable[[Person], MainWindow]


@pytest.fixture
def shown(person: People, window: Windows, qtbot: QtBot) -> MainWindow:
    """Ann's window, with her messages to Bob."""
    ann = person("ann", online=False)
    ann.say("bob", "for Bob only")
    ann.say("eve", "hello Eve")
    made = window(ann)
    made.go_to("bob")
    qtbot.waitUntil(lambda: [one.text for one in made.model.messages] == ["for Bob only"])
    return made


def test_what_cannot_be_read_shows_why_and_is_tried_again(
    shown: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise StoreUnusable("the disk is gone")

    monkeypatch.setattr(pages_module, "read_opened", fail)
    shown.go_to("eve")
    qtbot.waitUntil(lambda: not shown.model.messages)
    qtbot.waitUntil(lambda: bool(shown.messages.accessibleDescription()))

    monkeypatch.setattr(pages_module, "read_opened", read_opened)
    shown.go_to("eve")
    qtbot.waitUntil(lambda: [one.text for one in shown.model.messages] == ["hello Eve"])


def test_what_takes_long_leaves_nothing_of_another_conversation(
    shown: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def read_late(*arguments: Any, **named: Any) -> Any:
        may_go_on.wait(20)
        return read_opened(*arguments, **named)

    monkeypatch.setattr(pages_module, "read_opened", read_late)
    shown.go_to("eve")
    qtbot.waitUntil(lambda: not shown.model.messages)
    assert shown.messages.loading.isVisible()

    may_go_on.set()
    qtbot.waitUntil(lambda: [one.text for one in shown.model.messages] == ["hello Eve"])
    assert not shown.messages.loading.isVisible()


def test_the_last_of_many_conversations_is_shown(shown: MainWindow, qtbot: QtBot) -> None:
    for _time in range(50):
        shown.go_to("bob")
        shown.go_to("eve")

    qtbot.waitUntil(lambda: [one.text for one in shown.model.messages] == ["hello Eve"])
    assert shown.composer.conversation == shown.pages.name == shown.controller.current == "eve"
