"""A desktop notification, and what every way of showing one can do."""

from typing import NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal


class Note(NamedTuple):
    """A notification: `key` is its conversation, empty for the program itself.

    A newer one of the same key replaces it. `sound`: the desktop may play one.
    """

    key: str
    title: str
    body: str
    sound: bool = False


class Notifier(QObject):
    """Shows notifications; does nothing where there is no way to.

    Signals, each with the key of the notification: `opened`, when the user has clicked it; `read`,
    when they have marked the conversation as read.
    """

    opened = pyqtSignal(str)
    read = pyqtSignal(str)

    @property
    def plays_sounds(self) -> bool:
        """Whether it plays the sound of a notification itself."""
        return False

    def show_note(self, note: Note) -> None:
        """Show a notification in the place of the last one of the same key."""

    def withdraw(self, key: str) -> None:
        """Take a notification back: its messages have been read."""
