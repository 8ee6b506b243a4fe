"""Another device of a person, and how tests press what a dialog shows."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from messenger.sdk import Client, Credentials, Store
from tests.desktop.people import Person
from tests.stretching import PASSWORD

LONG = 30_000
"""Milliseconds; what takes so long hangs."""


class OtherDevice(Person):
    """Another device of somebody who has an account already."""

    def __init__(self, of: Person, directory: Path) -> None:
        super().__init__(of.name, of.port, directory)

    def _new_client(self) -> Client:
        credentials = Credentials(self.name, PASSWORD)
        store = Store(self._directory / "second.db")
        return Client("127.0.0.1", self.port, credentials, store, program="second")


def button(within: QWidget, words: str) -> QPushButton | None:
    """Return the button with this text or accessible name, unless it is hidden."""
    for one in within.findChildren(QPushButton):
        if words in (one.text(), one.accessibleName()) and one.isVisibleTo(within):
            return one
    return None


def press(qtbot: QtBot, within: QWidget, words: str) -> None:
    """Wait until a button is there and can be pressed, and press it."""

    def is_ready() -> bool:
        found = button(within, words)
        return found is not None and found.isEnabled()

    qtbot.waitUntil(is_ready, timeout=LONG)
    found = button(within, words)
    assert found is not None
    found.click()


def said(within: QWidget) -> str:
    """Return all texts that are shown."""
    return "\n".join(one.text() for one in within.findChildren(QLabel) if one.isVisibleTo(within))


def wait(qtbot: QtBot, condition: Callable[[], object]) -> None:
    """Wait for something that follows from what was done."""
    qtbot.waitUntil(lambda: bool(condition()), timeout=LONG)
