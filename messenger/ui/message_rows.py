"""The rows of a timeline for a view of rows: messages and notes, each knows what is around it."""

from collections.abc import Iterable
from itertools import tee, zip_longest
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
    ahead, following = tee(items)
    next(following, None)
    # A message without a header stands right below one of its group. Each row is made once: to
    # change the last one afterwards takes longer than to make it.
    for item, after in zip_longest(ahead, following):
        if isinstance(item, Shown):
            message, is_last = item.message, not isinstance(after, Shown) or after.has_header
            rows.append(
                Row(message.id, message, "", day, is_unread_start, item.has_header, is_last)
            )
            day, is_unread_start = "", False
        elif isinstance(item, Day):
            day = item.name
        elif isinstance(item, UnreadBegins):
            is_unread_start = True
        else:
            rows.append(Row(_key(item, rows), note=item.text))
    return rows


def _key(note: Note, rows: list[Row]) -> int:
    key = -int(note.time * 1_000_000)
    # Two of one moment stand one behind the other.
    return min(key, rows[-1].key - 1) if rows and rows[-1].message is None else key
