"""The settings of a real window change it, log out, and delete what is on the computer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from messenger.desktop.settings.account import AccountPage
from messenger.desktop.settings.dialog import SettingsDialog
from messenger.desktop.settings.key_sheet import KeySheet
from messenger.desktop.settings.leaving import DeleteDataDialog
from messenger.desktop.settings.opening import open_settings
from messenger.desktop.settings.parts import SettingBox
from messenger.desktop.settings.password import PasswordDialog
from messenger.desktop.wishes import Ending
from messenger.windows.look.theme import theme
from tests.desktop.people import People, Person
from tests.desktop.typing import type_text
from tests.stretching import PASSWORD

if TYPE_CHECKING:
    from messenger.desktop.main_window import MainWindow

OTHER = "staple of the other kind"

Show = Callable[[Person], "MainWindow"]


@pytest.fixture
def main(person: People, window: Show, monkeypatch: pytest.MonkeyPatch) -> "MainWindow":
    monkeypatch.setattr(QApplication, "quit", lambda: None)
    return window(person("ann"))


def test_keys_open_the_settings_and_the_sheet(qtbot: QtBot, main: "MainWindow") -> None:
    QTest.keyClick(main, Qt.Key.Key_F4)
    (settings,) = main.findChildren(SettingsDialog)
    assert settings.isVisible()
    settings.reject()

    QTest.keyClick(main, Qt.Key.Key_F1)
    (sheet,) = main.findChildren(KeySheet)
    assert sheet.isVisible()
    sheet.reject()


def test_a_theme_applies_at_once_and_is_stored(qtbot: QtBot, main: "MainWindow") -> None:
    dialog = open_settings(main, "appearance")
    box = dialog.page.findChild(SettingBox, "theme")
    assert box is not None

    box.setCurrentIndex(box.findData("dark"))

    qtbot.waitUntil(lambda: theme.colours.is_dark)
    record = main.profile.record
    assert record is not None
    assert record.preferences.theme == "dark"
    box.setCurrentIndex(box.findData("light"))
    qtbot.waitUntil(lambda: not theme.colours.is_dark)
    dialog.reject()


def test_a_password_is_changed_at_the_server(qtbot: QtBot, main: "MainWindow") -> None:
    main.actions_of.change_password()
    qtbot.waitUntil(lambda: bool(main.findChildren(PasswordDialog)))
    (dialog,) = main.findChildren(PasswordDialog)
    for field, text in ((dialog.old, "wrong one"), (dialog.new, OTHER), (dialog.repeated, OTHER)):
        type_text(field.edit, text)
    dialog.go.click()
    qtbot.waitUntil(dialog.go.isEnabled, timeout=20_000)
    assert dialog.old.edit.accessibleDescription()

    dialog.old.edit.setText(PASSWORD)
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        dialog.go.click()


def test_whoever_deletes_all_data_leaves(qtbot: QtBot, main: "MainWindow") -> None:
    dialog = open_settings(main, "account")
    page = dialog.page
    assert isinstance(page, AccountPage)
    qtbot.waitUntil(page.delete.isEnabled)
    page.delete.click()
    (question,) = page.findChildren(DeleteDataDialog)
    type_text(question.name.edit, main.bridge.me)

    with qtbot.waitSignal(main.leaving, timeout=20_000) as wished:
        question.go.click()

    assert wished.args == [Ending.DELETE]
