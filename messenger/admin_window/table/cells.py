"""Paints the cells of a table."""

from PyQt6.QtCore import QModelIndex, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from messenger.admin_window.table.columns import Look
from messenger.admin_window.table.rows import LOOK
from messenger.windows.look.fonts import metrics
from messenger.windows.look.painting import label, plate, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space, Type, Weight

ROW = 38
"""The height of a row at the scale 1, in pixels."""
PADDING = Space.M
"""Pixels between a cell's text and its edges."""
_DOT = 8
_MARK = 3
"""Pixels of the bar before the row that has the keyboard."""
_ABSENT = 10, 60
"""The height and the width of the bar in place of a text that has not come yet."""


class Cells(QStyledItemDelegate):
    """Paints by static texts from a cache: a screen full of cells takes some milliseconds."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return the height of a row."""
        return QSize(PADDING * 4, row_height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a cell: ground, line below, dot, text."""
        if painter is None:
            return
        colours = theme.colours
        box = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(option.rect, QColor(colours.chosen if chosen else colours.window))
        line = QRectF(box.left(), box.bottom() - 1, box.width(), 1)
        painter.fillRect(line, QColor(colours.line))
        view = option.widget
        if chosen and index.column() == 0 and view is not None and view.hasFocus():
            bar = QRectF(box.left(), box.top(), _MARK, box.height() - 1)
            painter.fillRect(bar, QColor(colours.accent))
        inner = box.adjusted(PADDING, 0, -PADDING, -1)
        look = index.data(LOOK)
        if isinstance(look, Look):
            self._write(painter, inner, str(index.data() or ""), look, chosen=chosen)
        else:
            self._paint_absent(painter, inner, index)

    def _write(
        self, painter: QPainter, box: QRectF, text: str, look: Look, *, chosen: bool
    ) -> None:
        if look.dot:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(theme.colours, look.dot)))
            middle = QPointF(box.left() + _DOT / 2, box.center().y())
            painter.drawEllipse(middle, _DOT / 2, _DOT / 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            box.setLeft(box.left() + _DOT + Space.S)
        if not text:
            return
        weight = Weight.MEDIUM if look.is_strong else Weight.NORMAL
        # On the ground of the chosen row soft ink would be too faint.
        tone = "text" if chosen and look.tone == "soft" else look.tone
        if look.is_number:
            room = label(text, Type.TEXT, weight).width
            # A whole pixel more, or a text that fits would be elided.
            box.setLeft(max(box.left(), box.right() - room - 1))
        write(painter, box, text, Type.TEXT, weight, getattr(theme.colours, tone), elide=True)

    def _paint_absent(self, painter: QPainter, box: QRectF, index: QModelIndex) -> None:
        height, width = _ABSENT
        # Not all the same, or it would look like a pattern.
        width += (index.row() * 7 + index.column() * 13) % 4 * 10
        bar = QRectF(box.left(), box.center().y() - height / 2, min(width, box.width()), height)
        if bar.width() > 2 * height:
            plate(painter, bar, theme.colours.hover, (height // 2,) * 4, 1.0)


def row_height() -> int:
    """Return the height of a row at the current size of text, in pixels."""
    return max(ROW, round(metrics().height()) + 2 * Space.S)
