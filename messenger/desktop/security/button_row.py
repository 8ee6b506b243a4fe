"""Buttons side by side, or one above the other where there is no room."""

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QWidget

from messenger.windows.look.tokens import Space


class ButtonRow(QWidget):
    """A row of buttons within a page; those that are hidden take no room.

    It has no layout: one of Qt's would not let the height depend on the width.
    """

    def __init__(self, buttons: Sequence[QPushButton], *, fills: bool = False) -> None:
        """With `fills` they share the whole width."""
        super().__init__()
        self._buttons = buttons
        self._fills = fills
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for button in buttons:
            was_hidden = _is_hidden(button)
            button.setParent(self)
            button.setVisible(not was_hidden)

    def hasHeightForWidth(self) -> bool:
        """Tell that the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of one row, or of all buttons in a column."""
        heights = [one.sizeHint().height() for one in self._shown]
        if not heights:
            return 0
        if self._fits(width):
            return max(heights)
        return sum(heights) + Space.S * (len(heights) - 1)

    def sizeHint(self) -> QSize:
        """Return the size of a row."""
        return QSize(self._wanted, self.heightForWidth(self._wanted))

    def minimumSizeHint(self) -> QSize:
        """Return the size that the widest button needs."""
        widths = [one.sizeHint().width() for one in self._shown]
        return QSize(max(widths, default=0), self.heightForWidth(self._wanted))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the buttons side by side or in a column."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent | None) -> bool:
        """Place the buttons again when one of them is shown, hidden or renamed."""
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    def _place(self) -> None:
        shown = self._shown
        side_by_side = self._fits(self.width())
        share = (self.width() + Space.S) // max(1, len(shown)) - Space.S
        left = top = 0
        for button in shown:
            size = button.sizeHint()
            if not side_by_side:
                size.setWidth(self.width())
            elif self._fills:
                size.setWidth(share)
            button.setGeometry(left, top, size.width(), size.height())
            if side_by_side:
                left += size.width() + Space.S
            else:
                top += size.height() + Space.S

    def _fits(self, width: int) -> bool:
        return width >= self._wanted

    @property
    def _wanted(self) -> int:
        widths = [one.sizeHint().width() for one in self._shown]
        if self._fills:
            widths = [max(widths, default=0)] * len(widths)
        return sum(widths) + Space.S * max(0, len(widths) - 1)

    @property
    def _shown(self) -> list[QPushButton]:
        return [one for one in self._buttons if not _is_hidden(one)]


def _is_hidden(button: QPushButton) -> bool:
    """Return whether a button was hidden on purpose, not only because its window is not shown."""
    return button.isHidden() and button.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
