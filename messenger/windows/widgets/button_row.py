"""Buttons side by side, or below each other where there is no room for that."""

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QPushButton, QWidget

from messenger.windows.look.tokens import Space

_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class ButtonRow(QWidget):
    """As narrow as its widest button, if it must be."""

    def __init__(self, *buttons: QPushButton) -> None:
        super().__init__()
        self._buttons = buttons
        self._layout = QBoxLayout(_BESIDE, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.S)
        for button in buttons:
            self._layout.addWidget(button)
        self._layout.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """Return the size that they need below each other."""
        widest = max((one.minimumSizeHint().width() for one in self._shown()), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Place them."""
        super().resizeEvent(event)
        wanted = sum(one.sizeHint().width() + Space.S for one in self._shown()) - Space.S
        self._layout.setDirection(_BESIDE if wanted <= self.width() else _BELOW)

    def _shown(self) -> list[QPushButton]:
        return [one for one in self._buttons if not one.isHidden()]
