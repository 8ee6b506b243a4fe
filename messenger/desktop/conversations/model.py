"""The model of the list of conversations."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from PyQt6.QtCore import QAbstractListModel, QModelIndex, Qt

from messenger.jim.names import EVERYONE
from messenger.sdk.results import TypingNotice
from messenger.sdk.store import ConversationSummary
from messenger.ui.conversation_lines import Preview, preview_of, spoken
from messenger.ui.conversation_list import SortedConversations, matching

ROW = Qt.ItemDataRole.UserRole
"""The role of a `Row`."""

_FEW = 16
"""Changed rows that are told one by one."""

_NOWHERE = QModelIndex()


class Row(NamedTuple):
    """A conversation as the list shows it; `summary` is None if nothing of it is stored."""

    name: str
    summary: ConversationSummary | None
    preview: Preview
    is_open: bool = False
    is_closed: bool = False


class ConversationsModel(QAbstractListModel):
    """Conversations in their order, or those that match a filter.

    A batch of changes moves rows at most once, for the view lays all of them out again each time.
    """

    def __init__(self, me: str, current: str = EVERYONE) -> None:
        super().__init__()
        self.conversations = SortedConversations(current)
        self.names: list[str] = list(self.conversations.names)
        self._me = me
        self._words = ""
        self._typing: dict[str, list[str]] = {}
        self._closed: Collection[str] = frozenset()
        self._blocked: Collection[str] = frozenset()
        self._places: dict[str, int] = {}
        self._place()

    # --- queries ---------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Return the number of shown conversations."""
        return 0 if parent.isValid() else len(self.names)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name, the `Row`, or all that it shows as a text."""
        if not 0 <= index.row() < len(self.names):
            return None
        name = self.names[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == ROW:
            return self.row(name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self.row(name)
            return spoken(name, row.summary, row.preview, self._me, is_closed=row.is_closed)
        return None

    def row(self, name: str) -> Row:
        """Return a conversation as the list shows it."""
        summary = self.conversations.rows.get(name)
        is_open = name == self.conversations.current
        typing = self._typing.get(name, ())
        preview = preview_of(
            name, summary, self._me, typing, is_open=is_open, blocked=self._blocked
        )
        return Row(name, summary, preview, is_open, name in self._closed)

    def index_of(self, name: str) -> QModelIndex:
        """Return the place of a conversation, an invalid one if it is not shown."""
        place = self._places.get(name)
        return _NOWHERE if place is None else self.index(place)

    # --- changes ---------------------------------------------------------------------------------

    def take(self, summaries: Sequence[ConversationSummary]) -> None:
        """Show these rows, new ones or in the place of those that were known."""
        self.conversations.take(summaries)
        self._arrange()
        self._tell(row.name for row in summaries)

    def take_typing(self, notices: Iterable[TypingNotice]) -> None:
        """Show who is typing, and who no longer is."""
        changed = set()
        for notice in notices:
            names = self._typing.setdefault(notice.conversation, [])
            if notice.stopped and notice.from_ in names:
                names.remove(notice.from_)
            elif not notice.stopped and notice.from_ not in names:
                names.append(notice.from_)
            if not names:
                del self._typing[notice.conversation]
            changed.add(notice.conversation)
        self._tell(changed)

    def open(self, name: str) -> None:
        """Show another conversation as the open one."""
        before = self.conversations.current
        self.conversations.open(name)
        self._arrange()
        self._tell((before, name))

    def close_rooms(self, names: Collection[str]) -> None:
        """Show these rooms, and no others, as closed for good."""
        changed = set(names) ^ set(self._closed)
        self._closed = names
        self._tell(changed)

    def hide(self, blocked: Collection[str]) -> None:
        """Hide what these users have written in rooms."""
        self._blocked = blocked
        self._tell(self.names)

    def filter(self, words: str) -> None:
        """Show only conversations whose names contain the words."""
        if words.strip() != self._words:
            self._words = words.strip()
            self._reset(self._wanted())

    # --- the order -------------------------------------------------------------------------------

    def _wanted(self) -> list[str]:
        names = self.conversations.names
        return matching(names, self._words) if self._words else names

    def _arrange(self) -> None:
        """Bring the rows into their order, by the smallest change that does."""
        wanted = self._wanted()
        if wanted == self.names:
            return
        new = _missing(wanted, self.names)
        gone = _missing(self.names, wanted)
        if not new and not gone:
            self._reorder(wanted)
        elif len(new) == 1 and not gone and _without(wanted, new[0]) == self.names:
            at = wanted.index(new[0])
            self.beginInsertRows(_NOWHERE, at, at)
            self._place(wanted)
            self.endInsertRows()
        elif len(gone) == 1 and not new and _without(self.names, gone[0]) == wanted:
            at = self.names.index(gone[0])
            self.beginRemoveRows(_NOWHERE, at, at)
            self._place(wanted)
            self.endRemoveRows()
        else:
            self._reset(wanted)

    def _reorder(self, wanted: list[str]) -> None:
        first = next(at for at, name in enumerate(wanted) if name != self.names[at])
        name = wanted[first]
        before = self._places[name]
        if _without(self.names, name) == _without(wanted, name):
            self.beginMoveRows(_NOWHERE, before, before, _NOWHERE, first)
            self._place(wanted)
            self.endMoveRows()
            return
        self.layoutAboutToBeChanged.emit()
        kept = [(index, self.names[index.row()]) for index in self.persistentIndexList()]
        self._place(wanted)
        for index, name in kept:
            self.changePersistentIndex(index, self.index_of(name))
        self.layoutChanged.emit()

    def _reset(self, wanted: list[str]) -> None:
        self.beginResetModel()
        self._place(wanted)
        self.endResetModel()

    def _place(self, names: list[str] | None = None) -> None:
        self.names = list(self.names if names is None else names)
        self._places = {name: place for place, name in enumerate(self.names)}

    def _tell(self, names: Iterable[str]) -> None:
        places = sorted({self._places[name] for name in names if name in self._places})
        if len(places) > _FEW:
            self.dataChanged.emit(self.index(places[0]), self.index(places[-1]))
            return
        for place in places:
            index = self.index(place)
            self.dataChanged.emit(index, index)


def _missing(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return the names that the others lack."""
    known = set(others)
    return [name for name in names if name not in known]


def _without(names: list[str], name: str) -> list[str]:
    return [one for one in names if one != name]
