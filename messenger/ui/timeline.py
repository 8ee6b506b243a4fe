"""The messages of the open conversation: order, days, senders, and the first unread one."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from messenger.sdk.store import StoredMessage
from messenger.ui.blocked import masked
from messenger.ui.wording import day_name

_MAX_KEPT = 3000
"""Loaded messages, half of which are dropped beyond: each new one is compared with all of them."""
_MAX_NOTES = 100
_TOGETHER = 5 * 60
"""Seconds within which messages of one sender stand below one name."""
_QUARTER = 15 * 60
"""Seconds; at all of its moments it is the same day in any time zone."""


class Note(NamedTuple):
    """A note of the program, and its time (unix time).

    It is shown below the message that was the last one then (`after`: its id, 0 if there was none),
    and below older messages that arrive later: after the start of the program there are many.
    """

    after: int
    time: float
    text: str


class Day(NamedTuple):
    """A new day begins."""

    name: str


class UnreadBegins(NamedTuple):
    """The messages that follow are unread."""


class Shown(NamedTuple):
    """A message; `has_header`: its sender is shown above it."""

    message: StoredMessage
    has_header: bool


Item = Day | UnreadBegins | Shown | Note


class Timeline:
    """The loaded messages, in order, with the program's notes between them.

    `unread_after` is the number of the last read message, None if no message is marked as unread.
    `is_whole`: there are no older messages. `has_newer`: there are newer ones, which are not
    loaded. `me` is the user's name, `blocked` are the users whose messages in rooms are hidden.
    """

    def __init__(self, me: str) -> None:
        self.me = me
        self.messages: list[StoredMessage] = []
        self.notes: list[Note] = []
        self.unread_after: int | None = None
        self.is_whole = False
        self.has_newer = False
        self.blocked: frozenset[str] = frozenset()

    def open(
        self, messages: list[StoredMessage], unread_after: int | None, *, has_newer: bool = False
    ) -> None:
        """Start anew with the end of a conversation, or a part of it that `has_newer` messages."""
        self.messages = messages
        self.unread_after = unread_after
        self.notes = []
        self.is_whole = False
        self.has_newer = has_newer

    def add(self, message: StoredMessage, *, is_seen: bool = False, may_drop: bool = False) -> bool:
        """Insert a message at its position; return False if it is loaded already.

        `is_seen`: the user has seen the conversation to its end. `may_drop`: the oldest of many
        messages may be dropped; they can be loaded again.
        """
        if any(known.id == message.id for known in reversed(self.messages)):
            return False
        if is_seen:
            self.unread_after = None
        self.messages.append(message)
        if len(self.messages) > 1 and place(message) < place(self.messages[-2]):
            # Nearly in order already: Timsort takes linear time for that.
            self.messages.sort(key=place)
        if may_drop and len(self.messages) > _MAX_KEPT:
            del self.messages[: _MAX_KEPT // 2]
            self.is_whole = False
        return True

    def add_all(self, messages: Iterable[StoredMessage]) -> list[StoredMessage]:
        """Insert messages at their positions; return those that were not loaded already."""
        known = {message.id for message in self.messages}
        new = [message for message in messages if message.id not in known]
        self.messages = sorted(self.messages + new, key=place) if new else self.messages
        return new

    def add_newer(self, messages: Sequence[StoredMessage], *, has_newer: bool) -> None:
        """Add a page of newer messages; `has_newer`: there are still newer ones."""
        self.has_newer = has_newer
        self.add_all(messages)

    def drop_oldest(self, count: int) -> None:
        """Drop loaded messages at the beginning; they can be loaded again."""
        if count > 0:
            self.messages = self.messages[count:]
            self.is_whole = False

    def drop_newest(self, count: int) -> None:
        """Drop loaded messages at the end; they can be loaded again."""
        if count > 0:
            self.messages = self.messages[:-count]
            self.has_newer = True

    def change(self, message: StoredMessage) -> bool:
        """Replace a message by its new state; return whether it is loaded."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].id == message.id:
                self.messages[index] = message
                return True
        return False

    def refresh(self, messages: Iterable[StoredMessage]) -> None:
        """Replace loaded messages by their new state."""
        now = {message.id: message for message in messages}
        # One that has got its number may have another place.
        self.messages = sorted(
            (now.get(message.id, message) for message in self.messages), key=place
        )

    def add_older(self, messages: Sequence[StoredMessage], *, is_start: bool) -> bool:
        """Add older messages; `is_start`: there are no more. Return whether any was new."""
        self.is_whole = is_start
        known = {message.id for message in self.messages}
        # A page may overlap the loaded messages: some of them may have got a number meanwhile.
        new = [message for message in messages if message.id not in known]
        self.messages = new + self.messages
        return bool(new)

    def note(self, text: str) -> None:
        """Add a note below the last message."""
        after = self.messages[-1].id if self.messages else 0
        self.notes = [*self.notes[-_MAX_NOTES:], Note(after, time.time(), text)]

    def end_unread(self) -> bool:
        """Mark all messages as read; return whether any was unread."""
        was_unread, self.unread_after = self.unread_after is not None, None
        return was_unread

    def items(self) -> Iterator[Item]:
        """Yield what to draw, from top to bottom."""
        messages = self.messages
        if self.blocked:
            messages = [masked(message, self.blocked) for message in messages]
        return arranged(messages, self.me, self.unread_after, self.notes)


def place(message: StoredMessage) -> tuple[float, int]:
    """Return the sort key of messages: those without a number yet come last."""
    return (message.seq or float("inf"), message.id)


def arranged(
    messages: Sequence[StoredMessage],
    me: str,
    unread_after: int | None = None,
    notes: Sequence[Note] = (),
) -> Iterator[Item]:
    """Yield messages with days, notes and the start of unread messages between them."""
    noted = _by_message(notes, messages)
    yield from noted.get(0, ())
    is_marked = unread_after is None
    # By the server's time, which follows the order of the log; senders' clocks would repeat days.
    for day, of_day in groupby(messages, key=_days()):
        yield Day(day)
        last: StoredMessage | None = None
        for message in of_day:
            if not is_marked and _is_unread(message, me, unread_after):
                yield UnreadBegins()
                is_marked, last = True, None
            yield Shown(message, last is None or not _belongs(message, last))
            found = noted.get(message.id, ())
            yield from found
            # Below a note the sender is shown again: the note is not theirs.
            last = None if found else message


def _days() -> Callable[[StoredMessage], str]:
    """Return a function for the days of messages, which works each of them out rarely."""
    known: dict[int, str] = {}

    def day_of(message: StoredMessage) -> str:
        quarter = int(message.stored // _QUARTER)
        found = known.get(quarter)
        if found is None:
            found = known[quarter] = day_name(message.stored)
        return found

    return day_of


def _by_message(notes: Sequence[Note], messages: Sequence[StoredMessage]) -> dict[int, list[Note]]:
    """Return the notes by the id of the message above them; 0 for none."""
    found: dict[int, list[Note]] = {}
    for note in notes:
        above = (
            message.id
            for message in reversed(messages)
            if message.id == note.after or message.stored <= note.time
        )
        found.setdefault(next(above, 0), []).append(note)
    return found


def _is_unread(message: StoredMessage, me: str, after: int | None) -> bool:
    return message.sender != me and (message.seq or 0) > (after or 0)


def _belongs(message: StoredMessage, to: StoredMessage) -> bool:
    return (
        message.sender == to.sender
        and message.is_proved == to.is_proved  # One header would present both as signed.
        and message.guest == to.guest
        and abs(message.stored - to.stored) < _TOGETHER
    )
