"""Paints the rows of lists of people."""

from PyQt6.QtCore import QModelIndex, QRectF, QSize
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from messenger.desktop.marks import TRUST
from messenger.desktop.people.model import PERSON, PersonRow
from messenger.desktop.row_painting import begin_row, draw_avatar, lines_of, row_height
from messenger.language import _
from messenger.ui.wording import shown_name
from messenger.windows.look.painting import write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space, Type, Weight

_LEFT, _RIGHT = 14, 16
_ROW = 56
_MARK, _GAP = 14, 5
_LINE = 20


class PersonDelegate(QStyledItemDelegate):
    """Paints a `PersonRow`: name with marks, presence and status below it."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return the size of any row."""
        return QSize(200, row_height(_ROW))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a row."""
        row: PersonRow | None = index.data(PERSON)
        if row is None or painter is None:
            return
        painter.save()
        colours = theme.colours
        canvas = begin_row(painter, option, is_chosen=False, ground=colours.side)
        left = canvas.box.left() + _LEFT
        draw_avatar(canvas, row.name, left, Size.CHAT_AVATAR, row.person.state)
        lines = lines_of(canvas.box)
        left += Size.CHAT_AVATAR + Space.M
        room = canvas.box.right() - _RIGHT - left
        marks = _marks(row)
        name = shown_name(row.name)
        if row.is_me:
            name = _("{name} (you)", name=name)
        box = QRectF(left, lines.first - _LINE / 2, room - len(marks) * (_MARK + _GAP), _LINE)
        at = left + write(painter, box, name, Type.TEXT, Weight.BOLD, colours.text, elide=True)
        for icon_name, colour in marks:
            canvas.icon(icon_name, colour, at + _GAP, lines.first, _MARK)
            at += _GAP + _MARK
        box = QRectF(left, lines.second - _LINE / 2, room, _LINE)
        is_online = row.person.state == "online"
        ink = colours.good if is_online and not row.person.status else colours.soft
        write(painter, box, row.line, Type.PREVIEW, colour=ink, elide=True)
        painter.restore()


def _marks(row: PersonRow) -> list[tuple[str, str]]:
    """Return icons and colours of the marks beside a name."""
    colours = theme.colours
    marks = []
    if (mark := TRUST.get(row.trust)) is not None:
        marks.append((mark.icon, getattr(colours, mark.colour)))
    if row.person.creator:
        marks.append(("star-fill", colours.warn))
    return marks
