"""The results of a finder, as a model and as painted rows."""

from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from messenger.desktop.row_painting import begin_row, draw_avatar, first_height
from messenger.windows.look.painting import write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space

_AVATAR = 28
_LEFT = 14
_NOWHERE = QModelIndex()


class FoundModel(QAbstractListModel):
    """What a finder has returned: a name for each row (`DisplayRole`), and its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Return the number of results."""
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name or the line of a result."""
        if not 0 <= index.row() < len(self.found):
            return None
        name, line = self.found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        return line if role == Qt.ItemDataRole.AccessibleTextRole else None

    def show(self, found: list[tuple[str, str]]) -> None:
        """Show other results."""
        self.beginResetModel()
        self.found = found
        self.endResetModel()


class FoundDelegate(QStyledItemDelegate):
    """Paints a result: an avatar and a line."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return the size of any row."""
        return QSize(200, max(44, round(first_height()) + 2 * Space.M))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a row."""
        name = index.data(Qt.ItemDataRole.DisplayRole)
        if painter is None or not isinstance(name, str):
            return
        painter.save()
        is_chosen = bool(option.state & option.state.State_Selected)
        canvas = begin_row(painter, option, is_chosen=is_chosen, ground=theme.colours.window)
        left = canvas.box.left() + _LEFT
        draw_avatar(canvas, name, left, _AVATAR)
        left += _AVATAR + Space.M
        room = QRectF(
            left, canvas.box.top(), canvas.box.right() - _LEFT - left, canvas.box.height()
        )
        line = index.data(Qt.ItemDataRole.AccessibleTextRole)
        write(painter, room, line, colour=theme.colours.text, elide=True)
        painter.restore()
