"""Text and shapes as views paint them: laid out and drawn once, then taken from caches.

`drawText` lays a text out again each time (53 µs, measured; 10 µs for a static text), and filling
an antialiased path costs 0.3 ms for each bubble: both would be most of a frame.
"""

from functools import lru_cache
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPixmap, QStaticText, QTextOption

from messenger.windows.look.fonts import font, metrics
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Type, Weight

_CORNER = 16
"""Pixels of a corner in its cached picture: no radius is larger."""

_MOST = 600
"""Characters: no screen is wider, and a longer line takes longer to be elided."""


class Label(NamedTuple):
    """A line of text laid out once, with its size in pixels."""

    static: QStaticText
    width: float
    height: float


def label(text: str, size: int = Type.TEXT, weight: int = Weight.NORMAL, width: int = 0) -> Label:
    """Return a line of text, elided to `width` pixels unless that is 0."""
    return _label(text[:_MOST], size, weight, width, theme.scale)


@lru_cache(8192)
def _label(text: str, size: int, weight: int, width: int, _scale: float) -> Label:
    shown = text.replace("\n", " ")
    if width:
        shown = metrics(size, weight).elidedText(shown, Qt.TextElideMode.ElideRight, width)
    static = QStaticText(shown)
    static.setTextFormat(Qt.TextFormat.PlainText)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    static.setTextOption(option)
    static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    static.prepare(font=font(size, weight))
    measured = static.size()
    return Label(static, measured.width(), measured.height())


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    size: int = Type.TEXT,
    weight: int = Weight.NORMAL,
    colour: str = "",
    *,
    elide: bool = False,
    centre: bool = False,
) -> float:
    """Draw a line of text in the middle of the box's height; return its width in pixels."""
    found = label(text, size, weight, max(1, int(box.width())) if elide else 0)
    left = box.left() + ((box.width() - found.width) / 2 if centre else 0)
    painter.setFont(font(size, weight))
    painter.setPen(QColor(colour or theme.colours.text))
    painter.drawStaticText(
        QPointF(left, box.top() + (box.height() - found.height) / 2), found.static
    )
    return found.width


def plate(
    painter: QPainter, box: QRectF, colour: str, radii: tuple[int, int, int, int], ratio: float
) -> None:
    """Fill a rectangle with rounded corners, at whole pixels.

    `radii` begin at the top left and go clockwise. `ratio` is that of device pixels.
    """
    corners = _corners(colour, radii, ratio)
    edge = _CORNER * ratio
    left, top = round(box.left()), round(box.top())
    width, height = round(box.width()), round(box.height())
    fill = QColor(colour)
    for x, y, from_x, from_y in (
        (0, 0, 0.0, 0.0),
        (width - _CORNER, 0, edge, 0.0),
        (0, height - _CORNER, 0.0, edge),
        (width - _CORNER, height - _CORNER, edge, edge),
    ):
        painter.drawPixmap(
            QRectF(left + x, top + y, _CORNER, _CORNER), corners, QRectF(from_x, from_y, edge, edge)
        )
    inner = width - 2 * _CORNER
    painter.fillRect(left + _CORNER, top, inner, _CORNER, fill)
    painter.fillRect(left, top + _CORNER, width, height - 2 * _CORNER, fill)
    painter.fillRect(left + _CORNER, top + height - _CORNER, inner, _CORNER, fill)


@lru_cache(128)
def _corners(colour: str, radii: tuple[int, int, int, int], ratio: float) -> QPixmap:
    side = 2 * _CORNER
    image = transparent(side, ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(rounded(QRectF(0, 0, side, side), radii), QColor(colour))
    painter.end()
    return QPixmap.fromImage(image)


def rounded(box: QRectF, radii: tuple[int, int, int, int]) -> QPainterPath:
    """Return a rectangle with a radius for each corner, from the top left clockwise."""
    top_left, top_right, bottom_right, bottom_left = radii
    left, top, right, bottom = box.left(), box.top(), box.right(), box.bottom()
    path = QPainterPath(QPointF(left + top_left, top))
    path.lineTo(right - top_right, top)
    path.arcTo(right - 2 * top_right, top, 2 * top_right, 2 * top_right, 90, -90)
    path.lineTo(right, bottom - bottom_right)
    path.arcTo(
        right - 2 * bottom_right, bottom - 2 * bottom_right, 2 * bottom_right, 2 * bottom_right,
        0, -90,
    )  # fmt: skip
    path.lineTo(left + bottom_left, bottom)
    path.arcTo(left, bottom - 2 * bottom_left, 2 * bottom_left, 2 * bottom_left, 270, -90)
    path.lineTo(left, top + top_left)
    path.arcTo(left, top, 2 * top_left, 2 * top_left, 180, -90)
    return path


def transparent(side: int, ratio: float) -> QImage:
    """Return an empty square picture, `side` pixels wide at the scale 1."""
    pixels = round(side * ratio)
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    image.setDevicePixelRatio(ratio)
    return image
