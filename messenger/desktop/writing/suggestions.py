"""The list of completions above the input field, which keeps the focus."""

from collections.abc import Sequence

from PyQt6.QtCore import QModelIndex, QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from messenger.language import _
from messenger.ui.completion import Candidate, Completion, Kind
from messenger.windows.look.avatars import avatar
from messenger.windows.look.fonts import font
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.painting import rounded, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Radius, Space, Type, Weight
from messenger.windows.widgets.labels import text as text_label

_CANDIDATE = Qt.ItemDataRole.UserRole
_ROW = 38
_MAX_ROWS = 7
_WIDTH = 460
_PICTURE = 26
_GAP = 4


class SuggestionPopup(QFrame):
    """It takes no focus: who shows it passes the keys on. Signals: `chosen` with a Candidate."""

    chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.rows = QListWidget()
        self.rows.setAccessibleName(_("Suggestions"))
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setUniformItemSizes(True)
        self.rows.setMouseTracking(True)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setItemDelegate(_Rows(self.rows))
        self.rows.itemClicked.connect(lambda item: self.chosen.emit(item.data(_CANDIDATE)))
        self._usage = text_label("", small=True)
        self._usage.setContentsMargins(Space.S, Space.XS, Space.S, Space.XS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        layout.setSpacing(0)
        layout.addWidget(self.rows)
        layout.addWidget(self._usage)
        theme.changed.connect(self.hide)  # It is measured for the old size of text.
        self.hide()

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates in sight, or that can be scrolled to."""
        return [self._item(row).data(_CANDIDATE) for row in range(self.rows.count())]

    @property
    def selected(self) -> Candidate | None:
        """The selected candidate, if any."""
        item = self.rows.currentItem()
        return None if item is None else item.data(_CANDIDATE)

    def offer(self, completion: Completion, field: QWidget) -> None:
        """Show completions above a field; hide if there are none."""
        if not completion.candidates and not completion.usage:
            self.hide()
            return
        self._fill(completion.candidates)
        self.rows.setCurrentRow(0 if completion.is_begun else -1)
        self._usage.setText(completion.usage)
        self._usage.setVisible(bool(completion.usage))
        self.place_above(field)
        self.show()
        self.raise_()

    def place_above(self, field: QWidget) -> None:
        """Stand above the field."""
        count, parent = self.rows.count(), self.parentWidget()
        assert parent is not None  # given when it was made
        corner = field.mapTo(parent, QPoint(0, 0))
        width = min(_WIDTH, field.width())
        self._usage.setFixedWidth(width - 2 * _GAP)
        usage = self._usage.heightForWidth(width - 2 * _GAP) if self._usage.text() else 0
        rows = min(count, _MAX_ROWS, max(1, (corner.y() - usage - 3 * _GAP) // _ROW))
        self.rows.setVisible(count > 0)
        self.rows.setFixedHeight(rows * _ROW)
        height = (rows * _ROW if count else 0) + usage + 2 * _GAP + 2
        self.setGeometry(corner.x(), max(0, corner.y() - height - _GAP), width, height)

    def move_selection(self, step: int) -> Candidate:
        """Select the next candidate, or the one before, wrapping around."""
        count, row = self.rows.count(), self.rows.currentRow()
        row = (0 if step > 0 else count - 1) if row < 0 else (row + step) % count
        self.rows.setCurrentRow(row)
        self.rows.scrollToItem(self._item(row))
        found: Candidate = self._item(row).data(_CANDIDATE)
        return found

    def _item(self, row: int) -> QListWidgetItem:
        item = self.rows.item(row)
        assert item is not None  # the row exists
        return item

    def _fill(self, candidates: Sequence[Candidate]) -> None:
        self.rows.clear()
        for candidate in candidates:
            item = QListWidgetItem(candidate.label)
            item.setData(_CANDIDATE, candidate)
            said = ", ".join(filter(None, (candidate.label, candidate.note)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            self.rows.addItem(item)


class _Rows(QStyledItemDelegate):
    """Paints a candidate: a picture, its name, and a note behind it."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return the size of a row."""
        return QSize(1, _ROW)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a row."""
        candidate = index.data(_CANDIDATE)
        if painter is None or candidate is None:
            return
        colours, box = theme.colours, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            radius = Radius.FIELD - 2
            ground = colours.chosen if is_selected else colours.hover
            painter.fillPath(rounded(box, (radius,) * 4), QColor(ground))
        self._paint_picture(painter, candidate, box)
        left = box.left() + Space.S + _PICTURE + Space.S
        room = box.right() - Space.S - left
        words = QRectF(left, box.top(), room, box.height())
        weight = Weight.NORMAL if candidate.kind is Kind.EMOJI else Weight.MEDIUM
        used = write(
            painter, words, candidate.label, weight=weight, colour=colours.text, elide=True
        )
        words.setLeft(left + used + Space.M)
        if candidate.note and words.width() > 3 * Space.M:
            write(painter, words, candidate.note, Type.PREVIEW, colour=colours.soft, elide=True)
        painter.restore()

    def _paint_picture(self, painter: QPainter, candidate: Candidate, box: QRectF) -> None:
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        left, top = box.left() + Space.S, box.top() + (_ROW - _PICTURE) / 2
        if candidate.kind is Kind.NAME:
            picture = avatar(candidate.label, _PICTURE, ratio)
            painter.drawPixmap(round(left), round(top), picture)
        elif candidate.kind is Kind.EMOJI:
            painter.setFont(font(Type.HEADING))
            place = QRectF(left, top, _PICTURE, _PICTURE)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, candidate.text)
        else:
            name = "terminal" if candidate.kind is Kind.COMMAND else "caret-right"
            picture = icon_pixmap(name, theme.colours.soft, 18, ratio)
            inset = (_PICTURE - 18) / 2
            painter.drawPixmap(round(left + inset), round(top + inset), picture)
