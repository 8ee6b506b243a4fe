"""The results of a search in all conversations, as a model and as painted rows."""

from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from messenger.desktop.row_painting import begin_row, draw_avatar, lines_of, row_height
from messenger.desktop.search.running import RunningSearch
from messenger.jim.names import is_room
from messenger.language import _
from messenger.output import visible
from messenger.sdk.store import StoredMessage
from messenger.ui.conversation_lines import short_time
from messenger.ui.hits import Part, excerpt
from messenger.ui.wording import message_text, shown_name, when
from messenger.windows.look.painting import label, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space, Type, Weight

MESSAGE = Qt.ItemDataRole.UserRole
PARTS = Qt.ItemDataRole.UserRole + 1

_NOWHERE = QModelIndex()
_EXCERPT = 200


class ResultsModel(QAbstractListModel):
    """The messages found so far; a view that is scrolled to the end fetches more.

    A row's `DisplayRole` is the message's id, its `AccessibleTextRole` all that the row shows.
    """

    def __init__(self, search: RunningSearch, me: str, parent: QObject) -> None:
        super().__init__(parent)
        self._search = search
        self._me = me
        self._count = 0
        search.begun.connect(self._clear)
        search.found.connect(self._add)

    def message(self, row: int) -> StoredMessage:
        """Return the message of a row."""
        return self._search.messages[row]

    def row_of(self, message_id: str) -> int:
        """Return the row of a message."""
        return [str(message.id) for message in self._search.messages].index(message_id)

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Return the number of results so far."""
        return 0 if parent.isValid() else self._count

    def canFetchMore(self, _parent: QModelIndex) -> bool:
        """Tell whether there may be more."""
        return not self._search.is_complete and not self._search.is_running

    def fetchMore(self, _parent: QModelIndex) -> None:
        """Read the next page; its rows are added when it arrives."""
        self._search.go_on()

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the message of a row, or its text."""
        if not 0 <= index.row() < self._count:
            return None
        message = self.message(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return str(message.id)
        if role == MESSAGE:
            return message
        if role == PARTS:
            return self._parts(message)
        return self._spoken(message) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def _parts(self, message: StoredMessage) -> list[Part]:
        """Return the second line: who wrote it, unless the first line says so, and the text."""
        text = excerpt(visible(message_text(message), lines=True), self._search.words, _EXCERPT)
        who = self._sender(message)
        return [Part(f"{who}: ", is_hit=False), *text] if who else text

    def _sender(self, message: StoredMessage) -> str:
        if message.sender == self._me:
            return _("You")
        return shown_name(message.sender) if is_room(message.conversation) else ""

    def _spoken(self, message: StoredMessage) -> str:
        text = "".join(part.text for part in self._parts(message))
        return ", ".join([shown_name(message.conversation), when(message.shown_time), text])

    def _clear(self) -> None:
        self.beginResetModel()
        self._count = 0
        self.endResetModel()

    def _add(self, messages: list[StoredMessage]) -> None:
        if messages:
            self.beginInsertRows(_NOWHERE, self._count, self._count + len(messages) - 1)
            self._count += len(messages)
            self.endInsertRows()


class ResultsDelegate(QStyledItemDelegate):
    """Paints a result: the conversation and the time, below them the text with its hits in bold."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return the size of any row."""
        return QSize(200, row_height(Size.ROW))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a row."""
        message = index.data(MESSAGE)
        if painter is None or not isinstance(message, StoredMessage):
            return
        painter.save()
        is_chosen = bool(option.state & option.state.State_Selected)
        canvas = begin_row(painter, option, is_chosen=is_chosen, ground=theme.colours.window)
        box, colours = canvas.box, theme.colours
        left = box.left() + Space.L - 2
        draw_avatar(canvas, message.conversation, left, Size.CHAT_AVATAR)
        left += Size.CHAT_AVATAR + Space.M
        right = box.right() - Space.L
        lines = lines_of(box)
        time = short_time(message.shown_time)
        time_width = label(time, Type.SMALL).width
        first = QRectF(left, lines.first - lines.first_height / 2, 0, lines.first_height)
        first.setRight(right - time_width - Space.S)
        name = shown_name(message.conversation)
        write(painter, first, name, weight=Weight.BOLD, colour=colours.text, elide=True)
        first.setLeft(right - time_width)
        first.setRight(right)
        write(painter, first, time, Type.SMALL, colour=colours.soft)
        second = QRectF(left, lines.second - lines.second_height / 2, 0, lines.second_height)
        second.setRight(right)
        _write_parts(painter, second, index.data(PARTS))
        painter.restore()


def _write_parts(painter: QPainter, box: QRectF, parts: list[Part]) -> None:
    """Write a line in parts, elided at its end."""
    for part in parts:
        if box.width() < Space.S:
            return
        colour = theme.colours.text if part.is_hit else theme.colours.soft
        weight = Weight.BOLD if part.is_hit else Weight.NORMAL
        # A space at the end of a part would have no width.
        text = part.text.replace(" ", "\u00a0")
        used = write(painter, box, text, Type.PREVIEW, weight, colour, elide=True)
        box.setLeft(box.left() + used)
