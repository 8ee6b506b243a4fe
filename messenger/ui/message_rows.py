"""The rows of a timeline for a view of rows: messages and notes, each knows what is around it."""

from collections.abc import Iterable
from typing import NamedTuple

from messenger.sdk.store import StoredMessage
from messenger.ui.timeline import Day, Item, Note, Shown, UnreadBegins


class Row(NamedTuple):
    """A message, or a note of the program (then `message` is None), and what stands above it.

    `key` is the same for as long as the row exists: a message's id, below 0 for a note. `day` is
    the name of the day that begins with it, empty within a day. `is_unread_start`: the line above
    unread messages is above it. `is_first` and `is_last` in a group of messages of one sender.
    """

    key: int
    message: StoredMessage | None = None
    note: str = ""
    day: str = ""
    is_unread_start: bool = False
    is_first: bool = True
    is_last: bool = True


def rows_of(items: Iterable[Item]) -> list[Row]:
    """Return the rows for the items of a timeline."""
    rows: list[Row] = []
    day, is_unread_start = "", False
    for item in items:
        if isinstance(item, Day):
            day = item.name
        elif isinstance(item, UnreadBegins):
            is_unread_start = True
        elif isinstance(item, Note):
            rows.append(Row(_key(item, rows), note=item.text))
        else:
            if not item.has_header and rows:
                rows[-1] = rows[-1]._replace(is_last=False)
            rows.append(_message_row(item, day, is_unread_start=is_unread_start))
            day, is_unread_start = "", False
    return rows


def _message_row(shown: Shown, day: str, *, is_unread_start: bool) -> Row:
    message = shown.message
    return Row(message.id, message, "", day, is_unread_start, shown.has_header)


def _key(note: Note, rows: list[Row]) -> int:
    key = -int(note.time * 1_000_000)
    # Two of one moment stand one behind the other.
    return min(key, rows[-1].key - 1) if rows and rows[-1].message is None else key
