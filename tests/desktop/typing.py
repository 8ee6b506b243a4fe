"""Types into widgets, in any script."""

from PyQt6.QtCore import QCoreApplication, QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

_NONE = Qt.KeyboardModifier.NoModifier


def type_text(widget: QWidget, text: str) -> None:
    """Type a text into a widget.

    `QTest.keyClicks` aborts the process at a letter that is not Latin-1 (Qt 6.11).
    """
    for letter in text:
        press(widget, 0, letter)


def press(
    widget: QWidget, key: int, text: str = "", modifiers: Qt.KeyboardModifier = _NONE
) -> None:
    """Press and release a key, which may have a text."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.sendEvent(widget, QKeyEvent(kind, key, modifiers, text))
