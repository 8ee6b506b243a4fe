"""A check box that is drawn as a switch."""

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QCheckBox

from messenger.windows.look.fonts import metrics
from messenger.windows.look.painting import write
from messenger.windows.look.theme import theme

_WIDTH, _HEIGHT, _GAP = 36, 20, 10


class Switch(QCheckBox):
    """It stays a check box for keys and screen readers."""

    def sizeHint(self) -> QSize:
        """Return the size of the text and the switch behind it."""
        words = metrics().horizontalAdvance(self.text())
        return QSize(int(words) + _WIDTH + 2 * _GAP, max(30, int(metrics().height()) + 12))

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size: the text may be elided."""
        return QSize(_WIDTH + 80, self.sizeHint().height())

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
        write(
            painter, QRectF(2, 0, left - _GAP, self.height()), self.text(), colour=ink, elide=True
        )
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(left - 2, top - 2, _WIDTH + 4, _HEIGHT + 4), 12, 12)
        painter.end()
