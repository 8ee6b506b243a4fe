"""Paints the rows of the list of conversations."""

from PyQt6.QtCore import QModelIndex, QObject, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from messenger.desktop.conversations.model import ROW, Row
from messenger.desktop.marks import STATES, TRUST
from messenger.desktop.row_painting import (
    Canvas,
    Lines,
    begin_row,
    draw_avatar,
    lines_of,
    row_height,
)
from messenger.sdk.store import ConversationSummary, IdentityTrust, MessageState
from messenger.ui.conversation_lines import PreviewKind, short_count, short_time
from messenger.ui.wording import shown_name
from messenger.windows.look.painting import label, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space, Type, Weight

_LEFT, _RIGHT = 14, 16
_TEXT = _LEFT + Size.AVATAR + Space.M
_PILL = 20
_MARK = 14
"""The size of marks beside a name."""
_GAP = 5
_TICK = 16


class ConversationDelegate(QStyledItemDelegate):
    """Paints a `Row`: the time and the unread pill keep their width, name and preview give way."""

    def __init__(self, me: str, parent: QObject) -> None:
        super().__init__(parent)
        self._me = me

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return the size of any row."""
        return QSize(200, row_height(Size.ROW))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a row."""
        row: Row | None = index.data(ROW)
        if row is None or painter is None:
            return
        painter.save()
        canvas = begin_row(painter, option, is_chosen=row.is_open, ground=theme.colours.side)
        person = row.summary.person if row.summary is not None else None
        presence = person.state if person is not None else ""
        draw_avatar(canvas, row.name, canvas.box.left() + _LEFT, Size.AVATAR, presence)
        lines = lines_of(canvas.box)
        right = self._paint_time(canvas, lines, row)
        _paint_name(canvas, lines, row, right)
        right = _paint_count(canvas, lines, row.summary)
        _paint_preview(canvas, lines, row, right)
        painter.restore()

    def _paint_time(self, canvas: Canvas, lines: Lines, row: Row) -> float:
        """Paint the time and the tick of the last message; return where they begin."""
        right = canvas.box.right() - _RIGHT
        summary = row.summary
        if summary is None or summary.last is None:
            return right
        colours, last = theme.colours, summary.last
        stamp = short_time(last.shown_time)
        width = label(stamp, Type.SMALL).width
        ink = colours.accent if summary.unread and not summary.muted else colours.soft
        right -= width
        write(canvas.painter, _line(right, width + 1, lines.first), stamp, Type.SMALL, colour=ink)
        right -= Space.S
        if last.sender != self._me or last.state not in STATES:
            return right
        inks = {MessageState.READ: colours.accent, MessageState.FAILED: colours.bad}
        right -= _TICK - 2
        ink = inks.get(last.state, colours.soft)
        canvas.icon(STATES[last.state], ink, right, lines.first, _TICK)
        return right - Space.XS


def _line(left: float, width: float, middle: float, height: float = _PILL) -> QRectF:
    return QRectF(left, middle - height / 2, max(1.0, width), height)


def _paint_name(canvas: Canvas, lines: Lines, row: Row, right: float) -> None:
    left = canvas.box.left() + _TEXT
    marks = _marks(row)
    room = right - left - len(marks) * (_MARK + _GAP)
    colours = theme.colours
    box = _line(left, room, lines.first, lines.first_height)
    ink = colours.soft if row.is_closed else colours.text
    width = write(
        canvas.painter, box, shown_name(row.name), Type.TEXT, Weight.BOLD, ink, elide=True
    )
    left += width
    for name, colour in marks:
        left += _GAP
        canvas.icon(name, colour, left, lines.first, _MARK)
        left += _MARK


def _marks(row: Row) -> list[tuple[str, str]]:
    """Return icons and colours of the marks beside a name."""
    colours, summary = theme.colours, row.summary
    if row.is_closed:
        return [("prohibit", colours.soft)]
    if summary is None:
        return []
    marks = []
    if (mark := TRUST.get(summary.trust or IdentityTrust.UNKNOWN)) is not None:
        marks.append((mark.icon, getattr(colours, mark.colour)))
    elif summary.encrypted:
        marks.append(("lock-simple", colours.faint))
    if summary.muted:
        marks.append(("bell-slash", colours.faint))
    return marks


def _paint_count(canvas: Canvas, lines: Lines, summary: ConversationSummary | None) -> float:
    """Paint what is unread, or the pin; return where it begins."""
    right = canvas.box.right() - _RIGHT
    if summary is None:
        return right
    colours = theme.colours
    if summary.unread:
        is_quiet = summary.muted
        ground = colours.pill_muted if is_quiet else colours.pill
        ink = colours.on_pill_muted if is_quiet else colours.on_pill
        right = _paint_pill(canvas, lines, short_count(summary.unread), right, (ground, ink))
        if summary.mentions:  # Never muted away: somebody has called the user by name.
            right = _paint_pill(canvas, lines, "@", right, (colours.pill, colours.on_pill))
    elif summary.pinned:
        right -= _MARK
        canvas.icon("push-pin", colours.faint, right, lines.second, _MARK + 1)
        right -= Space.S
    return right


def _paint_pill(
    canvas: Canvas, lines: Lines, text: str, right: float, colours: tuple[str, str]
) -> float:
    ground, ink = colours
    height = max(_PILL, round(lines.second_height) + 2)
    width = max(height, round(label(text, Type.SMALL, Weight.BOLD).width) + Space.M)
    box = _line(right - width, width, lines.second, height)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(QColor(ground))
    canvas.painter.drawRoundedRect(box, height / 2, height / 2)
    write(canvas.painter, box, text, Type.SMALL, Weight.BOLD, ink, centre=True)
    return box.left() - Space.XS


def _paint_preview(canvas: Canvas, lines: Lines, row: Row, right: float) -> None:
    colours, preview = theme.colours, row.preview
    left = canvas.box.left() + _TEXT
    room = right - left - Space.XS
    if preview.who:
        ink = colours.bad if preview.kind is PreviewKind.DRAFT else colours.text
        box = _line(left, min(room, canvas.box.width() / 3), lines.second)
        width = write(canvas.painter, box, preview.who, Type.PREVIEW, colour=ink, elide=True)
        left += width + Space.XS
        room -= width + Space.XS
    if preview.text and room > 0:
        ink = colours.accent if preview.kind is PreviewKind.TYPING else colours.soft
        box = _line(left, room, lines.second)
        write(canvas.painter, box, preview.text, Type.PREVIEW, colour=ink, elide=True)
