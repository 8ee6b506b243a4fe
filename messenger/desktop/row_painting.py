"""Parts of rows that lists of conversations and of people share: ground, avatar, presence."""

from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyleOptionViewItem

from messenger.windows.look.avatars import avatar
from messenger.windows.look.fonts import metrics
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Radius, Space, Type, Weight

INSET = 6
"""Pixels between a chosen row's ground and the edges of the list."""
_DOT = 13
"""The diameter of the dot for presence beside the largest avatar."""
_DOT_LINE = 2.5
_BETWEEN_LINES = 3


class Canvas(NamedTuple):
    """Where a row is painted: `ground` is the colour below its avatar."""

    painter: QPainter
    box: QRectF
    ratio: float
    ground: str

    def icon(self, name: str, colour: str, left: float, middle: float, size: int) -> None:
        """Draw an icon around the middle of a line."""
        place = QPointF(round(left), round(middle - size / 2))
        self.painter.drawPixmap(place, icon_pixmap(name, colour, size, self.ratio))


class Lines(NamedTuple):
    """The middles of a row's two lines of text, and their heights."""

    first: float
    second: float
    first_height: float
    second_height: float


def begin_row(
    painter: QPainter, option: QStyleOptionViewItem, *, is_chosen: bool, ground: str
) -> Canvas:
    """Fill the ground of a row, and return where to paint; `ground` is that of the list."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    # Marks that are stacked on a letter must not cover the rows beside.
    painter.setClipRect(option.rect)
    box = QRectF(option.rect)
    state = option.state
    colours = theme.colours
    if is_chosen:
        ground = colours.chosen
    elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
        ground = colours.hover
    has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
    if is_chosen or has_focus or ground == colours.hover:
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(colours.accent), 1.5) if has_focus else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box.adjusted(INSET, 1, -INSET, -1), Radius.ROW, Radius.ROW)
    widget = option.widget
    ratio = widget.devicePixelRatioF() if widget is not None else 1.0
    return Canvas(painter, box, ratio, ground)


def lines_of(box: QRectF) -> Lines:
    """Return where the two lines of a row are."""
    first, second = first_height(), second_height()
    top = box.top() + (box.height() - first - second - _BETWEEN_LINES) / 2
    return Lines(top + first / 2, top + first + _BETWEEN_LINES + second / 2, first, second)


def first_height() -> float:
    """Return the height of a row's first line."""
    return metrics(Type.TEXT, Weight.BOLD).height()


def second_height() -> float:
    """Return the height of a row's second line."""
    return metrics(Type.PREVIEW).height()


def row_height(at_least: int) -> int:
    """Return the height of a row of two lines, with larger text a larger one."""
    return max(at_least, round(first_height() + second_height() + _BETWEEN_LINES + 2 * Space.S + 2))


def draw_avatar(canvas: Canvas, name: str, left: float, size: int, presence: str = "") -> None:
    """Draw an avatar in the middle of the row's height, with a dot for presence."""
    painter, box = canvas.painter, canvas.box
    top = round(box.top() + (box.height() - size) / 2)
    painter.drawPixmap(QPointF(left, top), avatar(name, size, canvas.ratio))
    if presence not in ("online", "away"):
        return
    colours = theme.colours
    dot = round(_DOT * min(1.0, size / 46))
    painter.setPen(QPen(QColor(canvas.ground), _DOT_LINE))
    painter.setBrush(QColor(colours.good if presence == "online" else colours.warn))
    painter.drawEllipse(QRectF(left + size - dot, top + size - dot, dot, dot))
