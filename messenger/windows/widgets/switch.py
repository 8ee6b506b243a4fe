"""A check box that is drawn as a switch."""

import math

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QCheckBox, QSizePolicy

from messenger.windows.look.fonts import font, metrics
from messenger.windows.look.theme import theme

_WIDTH, _HEIGHT, _GAP = 36, 20, 10
_BESIDE = _WIDTH + 5 + _GAP
"""Pixels of a row that its text does not have."""
_WRAPPED = Qt.TextFlag.TextWordWrap


class Switch(QCheckBox):
    """It stays a check box for keys and screen readers."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Return the size of the text on one line and the switch behind it."""
        width = math.ceil(metrics().horizontalAdvance(self.text())) + _BESIDE
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the size at which the text takes a few lines."""
        return QSize(min(self.sizeHint().width(), _BESIDE + 100), self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        """Return True: a long text is wrapped."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text wrapped beside the switch."""
        room = QRectF(0, 0, max(1, width - _BESIDE), 10_000)
        words = metrics().boundingRect(room, _WRAPPED, self.text())
        return max(30, math.ceil(words.height()) + 12)

    def hitButton(self, pos: QPoint) -> bool:
        """Return whether a click there switches: anywhere in the row."""
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint the text, and the switch at the end of the row."""
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, top = float(self.width() - _WIDTH - 3), (self.height() - _HEIGHT) / 2
        is_on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent if is_on else colours.faint))
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        painter.drawRoundedRect(QRectF(left, top, _WIDTH, _HEIGHT), _HEIGHT / 2, _HEIGHT / 2)
        painter.setBrush(QColor(colours.on_accent if is_on else colours.window))
        at = left + (_WIDTH - 17 if is_on else 3)
        painter.drawEllipse(QRectF(at, top + 3, 14, 14))
        ink = colours.text if self.isEnabled() else colours.soft
        painter.setFont(font())
        painter.setPen(QColor(ink))
        room = QRectF(2, 0, self.width() - _BESIDE, self.height())
        painter.drawText(room, _WRAPPED | Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(left - 2, top - 2, _WIDTH + 4, _HEIGHT + 4), 12, 12)
        painter.end()
