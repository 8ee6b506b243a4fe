"""QR codes: a text as a crisp picture."""

import segno
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from messenger.windows.look.tokens import Radius

QUIET = 4
"""Modules of the light border that readers need (ISO/IEC 18004, 5.3.8)."""
_DARK, _LIGHT = "#000000", "#FFFFFF"


def qr_image(text: str, scale: int = 1) -> QImage:
    """Return the QR code of a text with its border, `scale` pixels to a module."""
    # The lowest error correction: a screen has no stains, and the code stays small.
    # Without ECI readers guess the encoding of what is not ASCII, and guess wrong.
    code = segno.make(text, error="l", micro=False, encoding="utf-8", eci=not text.isascii())
    rows = [list(row) for row in code.matrix_iter(border=QUIET)]
    image = QImage(len(rows[0]), len(rows), QImage.Format.Format_RGB32)
    image.fill(QColor(_LIGHT))
    dark = QColor(_DARK)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module:
                image.setPixelColor(x, y, dark)
    return image.scaled(image.size() * scale)


class QrCode(QWidget):
    """Shows a text as a QR code: dark on light in both themes, as readers expect it."""

    def __init__(self, text: str, name: str, *, side: int = 196) -> None:
        """`name` is for screen readers; `side` is in pixels."""
        super().__init__()
        self.setObjectName("qr")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image = qr_image(text)
        self._side = side

    def sizeHint(self) -> QSize:
        """Return the size that was asked for."""
        return QSize(self._side, self._side)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw whole device pixels for each module, so that its edges stay sharp."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_LIGHT))
        painter.drawRoundedRect(QRectF(self.rect()), Radius.CARD, Radius.CARD)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        ratio = self.devicePixelRatioF()
        modules = self._image.width()
        drawn = max(1, int(self._side * ratio) // modules) * modules / ratio
        left = round((self._side - drawn) / 2 * ratio) / ratio
        painter.drawImage(QRectF(left, left, drawn, drawn), self._image)
