"""The keys that go from one result of a search to the next."""

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget


class Stepping(QWidget):
    """F3 goes on, Shift+F3 goes back, while the focus is anywhere in the widget.

    Elsewhere F3 is a shortcut of the window.
    """

    def step(self, by: int) -> None:
        """Go on by so many results; below 0 back."""
        raise NotImplementedError

    def event(self, event: QEvent | None) -> bool:
        """Claim F3 before the window's shortcuts get it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_F3
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go on or back."""
        if event is not None and event.key() == Qt.Key.Key_F3:
            is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.step(-1 if is_back else 1)
        else:
            super().keyPressEvent(event)
