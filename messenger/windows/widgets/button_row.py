"""Buttons side by side, or one below the other where their texts need more room."""

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QWidget

from messenger.windows.look.tokens import Space


class ButtonRow(QWidget):
    """A row of buttons that becomes a column where it is too narrow.

    It places them itself: a layout cannot tell its height for a width before it turns.
    """

    def __init__(self, *buttons: QPushButton) -> None:
        self._buttons = buttons
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for button in buttons:
            button.setParent(self)
            button.show()

    def is_column(self, width: int) -> bool:
        """Tell whether the buttons do not fit side by side into so many pixels."""
        return self._together() > width

    def hasHeightForWidth(self) -> bool:
        """Return True: a column is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the row or of the column."""
        lines = len(self._shown()) if self.is_column(width) else min(1, len(self._shown()))
        return max(0, lines * (self._highest() + Space.S) - Space.S)

    def sizeHint(self) -> QSize:
        """Return the size of the row."""
        width = self._together()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the width of the column, and the height of the row."""
        return QSize(self._widest(), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the buttons beside or below each other."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent | None) -> bool:
        """Notice buttons that are shown, hidden or get other texts."""
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    def _place(self) -> None:
        shown = self._shown()
        if not shown:
            return
        step = self._highest() + Space.S
        if self.is_column(self.width()):
            for number, button in enumerate(shown):
                button.setGeometry(0, number * step, self.width(), self._highest())
            return
        more = (self.width() - self._together()) / len(shown)
        is_reversed = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = 0.0
        for button in reversed(shown) if is_reversed else shown:
            width = button.minimumSizeHint().width() + more
            button.setGeometry(round(left), 0, round(width), self._highest())
            left += width + Space.S

    def _shown(self) -> list[QPushButton]:
        return [one for one in self._buttons if not one.isHidden()]

    def _together(self) -> int:
        """Return the width of all buttons side by side."""
        shown = self._shown()
        return sum(one.minimumSizeHint().width() + Space.S for one in shown) - Space.S * bool(shown)

    def _widest(self) -> int:
        return max((one.minimumSizeHint().width() for one in self._shown()), default=0)

    def _highest(self) -> int:
        return max((one.minimumSizeHint().height() for one in self._shown()), default=0)
