"""Fonts of the design's sizes and weights, in the system's family."""

from functools import lru_cache

from PyQt6.QtGui import QFont, QFontMetricsF
from PyQt6.QtWidgets import QApplication

from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Type, Weight

FAMILIES = ("Inter", "Segoe UI", "Noto Sans", "DejaVu Sans", "Noto Color Emoji")
"""Families after the system's own: for what that does not have, and where it has none."""


def font(size: int = Type.TEXT, weight: int = Weight.NORMAL) -> QFont:
    """Return a font; `size` is in pixels at the scale 1."""
    return QFont(_font(size, weight, theme.scale))  # A copy: whoever changes it changes no other.


def metrics(size: int = Type.TEXT, weight: int = Weight.NORMAL) -> QFontMetricsF:
    """Return the metrics of a font."""
    return _metrics(size, weight, theme.scale)


def line_height(size: int = Type.TEXT) -> int:
    """Return the distance of lines of running text, in pixels."""
    return round(metrics(size).height() * 1.12)


@lru_cache(256)
def _font(size: int, weight: int, scale: float) -> QFont:
    found = QFont(_system_font())
    found.setPixelSize(round(size * scale))
    found.setWeight(QFont.Weight(weight))
    return found


@lru_cache(1)
def _system_font() -> QFont:
    """Return the system's font, as it is before the theme sets that of the program."""
    found = QFont(QApplication.font())
    found.setFamilies(list(dict.fromkeys([*found.families(), *FAMILIES])))
    return found


@lru_cache(256)
def _metrics(size: int, weight: int, scale: float) -> QFontMetricsF:
    return QFontMetricsF(_font(size, weight, scale))
