"""Icons in the design's colours: one family, Phosphor."""

from functools import lru_cache

import qtawesome
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QIcon, QPainter, QPixmap

from messenger.windows.look.painting import transparent
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return an icon by its name in Phosphor, such as `lock-simple`; by default in soft ink."""
    ink = colour or theme.colours.soft
    found = QIcon()
    for ratio in (1.0, 2.0):
        found.addPixmap(icon_pixmap(name, ink, Size.ICON, ratio))
    return found


@lru_cache(1024)
def icon_pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a picture, `size` pixels wide at the scale 1."""
    image = transparent(size, ratio)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    qtawesome.icon(f"ph.{name}", color=colour).paint(painter, QRect(0, 0, size, size))
    painter.end()
    return QPixmap.fromImage(image)
