"""Avatars: the initials of a name on a colour that the name decides."""

from functools import lru_cache

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPixmap

from messenger.ui.name_colours import place_of
from messenger.windows.look.fonts import font
from messenger.windows.look.painting import transparent
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import AVATARS, Type, Weight, contrast

_LEGIBLE = 4.5
"""The contrast that WCAG 2.2 (AA) wants of text."""


def colour_of(name: str) -> str:
    """Return the colour of a name: the same everywhere, and for its whole life."""
    return AVATARS[place_of(name, len(AVATARS))]


@lru_cache(4096)
def _name_colour(name: str, ground: str, is_dark: bool) -> str:
    found = QColor(colour_of(name))
    while contrast(found.name(), ground) < _LEGIBLE:
        found = found.lighter(112) if is_dark else found.darker(106)
    return found.name()


def name_colour(name: str) -> str:
    """Return the colour in which a name is written in a bubble: legible there."""
    return _name_colour(name, theme.colours.theirs, theme.colours.is_dark)


def initials(name: str) -> str:
    """Return the first letters of at most two words of a name."""
    words = name.lstrip("#@").split()
    if not words:
        return "#" if name.startswith("#") else "?"
    letters = words[0][0] + (words[1][0] if len(words) > 1 else "")
    return letters.upper()


@lru_cache(2048)
def avatar(name: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return a picture for a person (round) or a room (square); `size` is in pixels."""
    image = transparent(size, ratio)
    base = QColor(colour_of(name))
    shade = QLinearGradient(0, 0, 0, size)
    shade.setColorAt(0, base)
    shade.setColorAt(1, base.darker(112))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setBrush(shade)
    painter.setPen(Qt.PenStyle.NoPen)
    box = QRectF(0, 0, size, size)
    if name.startswith("#"):
        painter.drawRoundedRect(box, size * 0.3, size * 0.3)
    else:
        painter.drawEllipse(box)
    letters = font(Type.TEXT, Weight.BOLD)
    letters.setPixelSize(round(size * 0.4))
    painter.setFont(letters)
    painter.setPen(QColor("#FFFFFF"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(name))
    painter.end()
    return QPixmap.fromImage(image)
