"""Icons in the design's colours: one family, Phosphor.

Its font comes with qtawesome, which is not imported: that takes 0.15 s of a start, most of it for
all of Qt under other names, and what it does with the font is three lines.
"""

import importlib.util
import json
from functools import lru_cache
from pathlib import Path

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap

from messenger.windows.look.painting import transparent
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size

_OF_THE_BOX = 0.875
"""The size of a glyph as a part of the icon's, as in qtawesome."""


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
    font = QFont(_family())
    font.setPixelSize(round(_OF_THE_BOX * size))
    image = transparent(size, ratio)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(QRect(0, 0, size, size), Qt.AlignmentFlag.AlignCenter, _glyphs()[name])
    painter.end()
    return QPixmap.fromImage(image)


@lru_cache(1)
def _family() -> str:
    """Return the family of the font, which the application has from now on."""
    number = QFontDatabase.addApplicationFont(str(_file("phosphor-*.ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


@lru_cache(1)
def _glyphs() -> dict[str, str]:
    """Return the characters of the font by the names of icons."""
    codes = json.loads(_file("phosphor-charmap-*.json").read_text("utf-8"))
    return {name: chr(int(code, 16)) for name, code in codes.items()}


def _file(pattern: str) -> Path:
    found = importlib.util.find_spec("qtawesome")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("qtawesome is not installed", name="qtawesome")
    return next((Path(found.origin).parent / "fonts").glob(pattern))
