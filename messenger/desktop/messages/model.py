"""The model of the loaded messages: rows that change in place, and grow at both ends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from PyQt6.QtCore import QAbstractListModel, QModelIndex, Qt, pyqtSignal

from messenger.desktop.messages.spoken import spoken
from messenger.output import visible
from messenger.sdk.store import IdentityTrust, StoredMessage
from messenger.ui.long_texts import beginning
from messenger.ui.message_rows import Row, rows_of
from messenger.ui.timeline import Timeline
from messenger.ui.wording import message_text

MAX_ROWS = 1000
"""Loaded messages. With more the layout takes too long: Qt asks for each row at an insertion."""
_NO_PARENT = QModelIndex()
Trusts = Mapping[str, IdentityTrust]


class MessagesModel(QAbstractListModel):
    """A window on a conversation.

    Signals: `trusts_changed`, when marks beside senders change; `ends_changed`, when it is known
    anew whether there are older or newer messages.

    Each change of the timeline is compared with the rows before it, and told as what was inserted,
    removed and changed: so views keep what the user reads in its place. It has a method for each
    thing that can happen to messages.
    """

    trusts_changed = pyqtSignal()
    ends_changed = pyqtSignal()

    def __init__(self, me: str) -> None:
        super().__init__()
        self.timeline = Timeline(me)
        self.rows: list[Row] = []
        self.is_room = False
        self.is_encrypted = False
        self.trusts: Trusts = MappingProxyType({})
        self._places: dict[int, int] = {}
        self._ends = (False, False)

    # --- what views ask ------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a row, or what a screen reader says."""
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row, self.timeline.me, self.trusts, is_encrypted=self.is_encrypted)
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(row)
        return None

    @property
    def me(self) -> str:
        """The user's name."""
        return self.timeline.me

    @property
    def messages(self) -> list[StoredMessage]:
        """The loaded messages."""
        return self.timeline.messages

    @property
    def has_newer(self) -> bool:
        """Whether there are newer messages, which are not loaded."""
        return self.timeline.has_newer

    def message(self, message_id: int) -> StoredMessage | None:
        """Return a loaded message by its id."""
        row = self.place_of(message_id)
        return None if row is None else self.rows[row].message

    def place_of(self, key: int) -> int | None:
        """Return the number of the row with a key; None if there is none now."""
        return self._places.get(key)

    def first_unread(self) -> int | None:
        """Return the number of the row below the line of unread messages."""
        return next((at for at, row in enumerate(self.rows) if row.is_unread_start), None)

    # --- changes -------------------------------------------------------------------------------

    def open(
        self,
        messages: Sequence[StoredMessage],
        unread_after: int | None = None,
        *,
        is_room: bool = False,
        is_encrypted: bool = False,
        is_start: bool = False,
        has_newer: bool = False,
    ) -> None:
        """Show a part of a conversation; `is_start`: there are no older messages."""
        self.beginResetModel()
        self.is_room, self.is_encrypted = is_room, is_encrypted
        self.timeline.open(list(messages), unread_after, has_newer=has_newer)
        self.timeline.is_whole = is_start
        self._ends = (is_start, has_newer)
        self._set(rows_of(self.timeline.items()))
        self.endResetModel()

    def add(
        self, messages: Iterable[StoredMessage], *, is_seen: bool = False, may_drop: bool = False
    ) -> int:
        """Add the newest messages; return how many are new.

        `is_seen`: they are seen at once. `may_drop`: the oldest beyond the limit may go, some more
        than needed, so that it does not happen each time. Otherwise the newest ones are dropped:
        in a storm every row would be worked out again each time.
        """
        if is_seen:
            self.timeline.end_unread()
        new = self.timeline.add_all(messages)
        if may_drop and len(self.messages) > MAX_ROWS:
            self.timeline.drop_oldest(len(self.messages) - MAX_ROWS * 4 // 5)
        elif not may_drop:
            self.timeline.drop_newest(len(self.messages) - MAX_ROWS)
        self._show()
        return len(new)

    def add_older(self, messages: Sequence[StoredMessage], *, is_start: bool) -> None:
        """Add a page of older messages, and drop newer ones beyond the limit."""
        self.timeline.add_older(messages, is_start=is_start)
        self.timeline.drop_newest(len(self.messages) - MAX_ROWS)
        self._show()

    def add_newer(self, messages: Sequence[StoredMessage], *, has_newer: bool) -> None:
        """Add a page of newer messages, and drop older ones beyond the limit."""
        self.timeline.add_newer(messages, has_newer=has_newer)
        self.timeline.drop_oldest(len(self.messages) - MAX_ROWS)
        self._show()

    def change(self, messages: Iterable[StoredMessage]) -> None:
        """Show messages in their new states, if they are loaded."""
        self.timeline.refresh(messages)
        self._show()

    def hide(self, blocked: frozenset[str]) -> None:
        """Hide what these users have written in rooms."""
        self.timeline.blocked = blocked
        self._show()

    def note(self, *texts: str) -> None:
        """Add notes of the program below the last message."""
        for text in texts:
            self.timeline.note(text)
        self._show()

    def end_unread(self) -> None:
        """Remove the line above unread messages."""
        if self.timeline.end_unread():
            self._show()

    def trust(self, trusts: Trusts) -> None:
        """Mark senders by how far they are trusted."""
        if dict(trusts) != dict(self.trusts):
            self.trusts = trusts
            self.trusts_changed.emit()

    def encrypt(self, *, is_encrypted: bool) -> None:
        """Set whether the conversation is encrypted: then other messages are marked."""
        if is_encrypted != self.is_encrypted:
            self.is_encrypted = is_encrypted
            self.trusts_changed.emit()

    # --- rows ----------------------------------------------------------------------------------

    def _set(self, rows: list[Row]) -> None:
        self.rows = rows
        self._places = {row.key: at for at, row in enumerate(rows)}

    def _show(self) -> None:
        """Tell views how the rows differ from those before."""
        new = rows_of(self.timeline.items())
        gone, come = _differences(self.rows, new)
        for first, last in reversed(list(_runs(gone))):
            with self._removing(first, last):
                self._set(self.rows[:first] + self.rows[last + 1 :])
        for first, last in _runs(come):
            with self._inserting(first, last):
                self._set(self.rows[:first] + new[first : last + 1] + self.rows[first:])
        changed = [
            at for at, (was, now) in enumerate(zip(self.rows, new, strict=True)) if was != now
        ]
        self._set(new)
        for start, end in _runs(changed):
            self.dataChanged.emit(self.index(start), self.index(end))
        ends = (self.timeline.is_whole, self.timeline.has_newer)
        if ends != self._ends:
            self._ends = ends
            self.ends_changed.emit()

    @contextmanager
    def _removing(self, first: int, last: int) -> Iterator[None]:
        self.beginRemoveRows(_NO_PARENT, first, last)
        yield
        self.endRemoveRows()

    @contextmanager
    def _inserting(self, first: int, last: int) -> Iterator[None]:
        self.beginInsertRows(_NO_PARENT, first, last)
        yield
        self.endInsertRows()


def text_of(row: Row) -> str:
    """Return the text of a row; it contains no characters that reorder it."""
    return _lines(_raw(row))


def beginning_of(row: Row) -> tuple[str, bool]:
    """Return what a view shows of the text of a row at once, and whether that is all of it."""
    raw = _raw(row)
    begun = beginning(raw)
    shown = _lines(begun)
    # A character that is made visible has become several ones.
    cut = beginning(shown)
    return cut, len(begun) == len(raw) and len(cut) == len(shown)


def _raw(row: Row) -> str:
    return row.note if row.message is None else message_text(row.message)


def _lines(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))


def _differences(old: list[Row], new: list[Row]) -> tuple[list[int], list[int]]:
    """Return the numbers of the old rows that are gone, and of the new ones that have come."""
    old_keys, new_keys = [row.key for row in old], [row.key for row in new]
    stayed = set(old_keys) & set(new_keys)
    if [key for key in old_keys if key in stayed] != [key for key in new_keys if key in stayed]:
        # Rows have moved, which is rare: all from the first of them to the last one are new.
        first, last = _same_ends(old_keys, new_keys)
        return list(range(first, len(old) - last)), list(range(first, len(new) - last))
    gone = [at for at, key in enumerate(old_keys) if key not in stayed]
    return gone, [at for at, key in enumerate(new_keys) if key not in stayed]


def _same_ends(old: list[int], new: list[int]) -> tuple[int, int]:
    """Return how many items of two lists are the same at their beginnings, and at their ends."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    most = shorter - first
    last = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    return first, last


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of consecutive numbers."""
    for at, number in enumerate(numbers):
        if not at or numbers[at - 1] != number - 1:
            start = number
        if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
            yield start, number
