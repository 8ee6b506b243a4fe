"""A window can be closed whatever is open and under way; then nothing of it is used any more."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from messenger.desktop.main_window import MainWindow
from messenger.sdk.store import MessageState
from messenger.ui.prompts import Prompter
from messenger.windows.look.theme import theme
from tests.desktop.lies import Lies
from tests.desktop.people import People
from tests.desktop.typing import type_text
from tests.ui.samples import message

OPENERS: dict[str, Callable[[MainWindow], object]] = {
    "settings": lambda window: window.actions_of.settings(),
    "help": lambda window: window.actions_of.help(),
    "password": lambda window: window.actions_of.change_password(),
    "switcher": lambda window: window.actions_of.switch(),
    "new room": lambda window: window.actions_of.new_room(),
    "search": lambda window: window.actions_of.search_everywhere(),
    "search here": lambda window: window.actions_of.search_here(),
    "information": lambda window: window.actions_of.information(),
    "person": lambda window: window.actions_of.show_information("bob"),
    "emoji": lambda window: window.actions_of.emoji(),
    "verify": lambda window: window.actions_of.verify("bob"),
    "devices": lambda window: window.notices.actions.show_devices(),
    "recovery code": lambda window: window.actions_of.dialogs.show_recovery_code(),
    "export": lambda window: window.actions_of.dialogs.export(),
    "backup": lambda window: window.actions_of.dialogs.backup(),
    "restore": lambda window: window.actions_of.restore(None),
    "message": lambda window: window.messages.show_information(message(state=MessageState.READ)),
    "menu": lambda window: window.chat.head.more.click(),
}


@pytest.mark.parametrize("what", OPENERS)
def test_a_window_closes_whatever_is_open_and_under_way(
    person: People, qtbot: QtBot, what: str
) -> None:
    ann = person("ann", online=False)
    shown = MainWindow(ann.bridge, ann.profile, Prompter(may_ask=False))
    shown.show()
    qtbot.waitUntil(shown.isVisible)
    type_text(shown.composer.input, "a draft")

    with qtbot.captureExceptions() as errors:
        OPENERS[what](shown)
        OPENERS[what](shown)  # a double click
        for _turn in range(3):
            QApplication.processEvents()
        OPENERS[what](shown)
        shown.close()
        ann.bridge.close()
        shown.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        # What was on its way comes now, when all widgets are gone.
        lies = Lies(["bob"], 1)
        for _time in range(20):
            ann.bridge._take(lies.anything("#all"))
        theme.apply("dark")
        qtbot.wait(60)
        theme.apply("light")

    assert errors == []
    assert ann.do(lambda client: client.drafts()) == {"#all": "a draft"}
