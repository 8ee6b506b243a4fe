"""A grid of emoji, painted from a model: a widget for each would be 1,900 widgets."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PyQt6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from messenger.desktop.writing.emoji_catalogue import Emoji
from messenger.language import _
from messenger.windows.look.fonts import font
from messenger.windows.look.painting import label, rounded
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Radius, Type

COLUMNS = 8
_CELL = 40
_ROWS = 6
_SCROLL_BAR = 16
"""Pixels for the scroll bar, so that it takes no column away."""
_SIZE = Type.FIGURE

_EMOJI = Qt.ItemDataRole.UserRole
_NONE = QModelIndex()
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -COLUMNS,
    Qt.Key.Key_Down: COLUMNS,
}


class EmojiGrid(QListView):
    """The emoji of a group, or those found; arrow keys go through them.

    Signals: `chosen` with an Emoji, and whether the user wants to choose more; `pointed` with the
    Emoji under the pointer or the cursor; `left`, when Up was pressed in the first row.
    """

    chosen = pyqtSignal(object, bool)
    pointed = pyqtSignal(object)
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._emoji = _Model(self)
        self.setModel(self._emoji)
        self.setItemDelegate(_Cells(self))
        self.setAccessibleName(_("Emoji"))
        self.setObjectName("grid")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Fixed)
        self.setUniformItemSizes(True)
        self.setGridSize(QSize(_CELL, _CELL))
        self.setMouseTracking(True)
        self.setDragEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setFixedSize(COLUMNS * _CELL + _SCROLL_BAR, _ROWS * _CELL)
        self.entered.connect(lambda index: self.pointed.emit(self._at(index)))

    def show_emoji(self, emoji: Sequence[Emoji]) -> None:
        """Show these emoji; the first one is the current one."""
        self._emoji.show(emoji)
        self.setCurrentIndex(self._emoji.index(0))
        self.scrollToTop()

    def current(self) -> Emoji | None:
        """Return the emoji that the cursor is at."""
        return self._at(self.currentIndex())

    def enter(self) -> None:
        """Take the focus, at the first emoji."""
        self.setFocus()
        self.setCurrentIndex(self._emoji.index(0))

    def choose_current(self, modifiers: Qt.KeyboardModifier) -> None:
        """Choose the current emoji; with Shift the user wants to choose more."""
        emoji = self.current()
        if emoji is not None:
            keeps = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            self.chosen.emit(emoji, keeps)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose by Enter or Space, and leave by Up in the first row."""
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose_current(event.modifiers())
        elif event.key() == Qt.Key.Key_Up and self.currentIndex().row() < COLUMNS:
            self.left.emit()
        elif event.key() in _STEPS:
            self._step(_STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Choose what was clicked."""
        super().mouseReleaseEvent(event)
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            index = self.indexAt(event.position().toPoint())
            if index.isValid():
                self.setCurrentIndex(index)
                self.choose_current(event.modifiers())

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Tell which emoji the cursor is at."""
        super().currentChanged(current, previous)
        self.pointed.emit(self._at(current))

    def _step(self, by: int) -> None:
        """Go on by so many emoji, over the ends of rows."""
        row = self.currentIndex().row() + by
        if 0 <= row < self._emoji.rowCount():
            self.setCurrentIndex(self._emoji.index(row))

    def _at(self, index: QModelIndex) -> Emoji | None:
        found: Emoji | None = index.data(_EMOJI)
        return found


class _Model(QAbstractListModel):
    """The emoji that are shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[Emoji] = ()

    def show(self, emoji: Sequence[Emoji]) -> None:
        self.beginResetModel()
        self._rows = emoji
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _NONE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        emoji = self._rows[index.row()]
        if role == _EMOJI:
            return emoji
        if role == Qt.ItemDataRole.DisplayRole:
            return emoji.character
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return emoji.name
        return None


class _Cells(QStyledItemDelegate):
    """Paints an emoji, from the cache of texts."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        return QSize(_CELL, _CELL)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        emoji = index.data(_EMOJI)
        if painter is None or emoji is None:
            return
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_current or option.state & QStyle.StateFlag.State_MouseOver:
            colour = theme.colours.chosen if is_current else theme.colours.hover
            painter.fillPath(
                rounded(box.adjusted(1, 1, -1, -1), (Radius.FIELD,) * 4), QColor(colour)
            )
        painter.setFont(font(_SIZE))
        painter.setPen(QColor(theme.colours.text))
        found = label(emoji.character, _SIZE)
        left = box.left() + (box.width() - found.width) / 2
        painter.drawStaticText(
            round(left), round(box.top() + (box.height() - found.height) / 2), found.static
        )
        painter.restore()
