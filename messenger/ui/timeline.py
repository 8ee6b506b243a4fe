"""The messages of the open conversation: their order, days, senders, and what is unread."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from messenger.sdk.store import StoredMessage
from messenger.ui.wording import day_name

_MAX_KEPT = 3000
_MAX_NOTES = 100
_TOGETHER = 5 * 60
"""Seconds within which messages of one sender stand below one name."""


class Note(NamedTuple):
    """Something that the program tells, and when (unix time).

    It stands below the message that was the last then (`after`, 0 if there was none), and below
    those that were written before and come later: at the start of the program many do.
    """

    after: int
    time: float
    text: str


class Day(NamedTuple):
    """A day begins."""

    name: str


class UnreadBegins(NamedTuple):
    """What follows is unread."""


class Shown(NamedTuple):
    """A message; `has_header` says that its sender is named above it."""

    message: StoredMessage
    has_header: bool


Item = Day | UnreadBegins | Shown | Note


class Timeline:
    """The messages that are loaded, in order, and what the program has told between them.

    `unread_after` is the number of the last message that was read, None where nothing is marked as
    unread. `is_whole` says that nothing comes before the first message. `me` is the user's name.
    """

    def __init__(self, me: str) -> None:
        self.me = me
        self.messages: list[StoredMessage] = []
        self.notes: list[Note] = []
        self.unread_after: int | None = None
        self.is_whole = False

    def open(self, messages: list[StoredMessage], unread_after: int | None) -> None:
        """Begin with the end of a conversation."""
        self.messages = messages
        self.unread_after = unread_after
        self.notes = []
        self.is_whole = False

    def add(self, message: StoredMessage, *, is_seen: bool = False, may_drop: bool = False) -> bool:
        """Add one more message at its place; tell whether it was not there before.

        `is_seen` says that the user has seen the conversation to its end, `may_drop` that the
        oldest messages may go where there are many: they can be loaded again.
        """
        if any(known.id == message.id for known in reversed(self.messages)):
            return False
        if is_seen:
            self.unread_after = None
        self.messages.append(message)
        if len(self.messages) > 1 and place(message) < place(self.messages[-2]):
            self.messages.sort(key=place)
        if may_drop and len(self.messages) > _MAX_KEPT:
            del self.messages[: _MAX_KEPT // 2]
            self.is_whole = False
        return True

    def change(self, message: StoredMessage) -> bool:
        """Show the new state of a message; tell whether it is loaded."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].id == message.id:
                self.messages[index] = message
                return True
        return False

    def refresh(self, messages: Iterable[StoredMessage]) -> None:
        """Show those that are loaded as they are now."""
        now = {message.id: message for message in messages}
        self.messages = [now.get(message.id, message) for message in self.messages]

    def add_older(self, messages: Sequence[StoredMessage], *, is_start: bool) -> bool:
        """Add what came before; `is_start`: there is no more. Tell whether there was anything."""
        self.is_whole = is_start
        known = {message.id for message in self.messages}
        new = [message for message in messages if message.id not in known]
        self.messages = new + self.messages
        return bool(new)

    def note(self, text: str) -> None:
        """Tell something below the last message."""
        after = self.messages[-1].id if self.messages else 0
        self.notes = [*self.notes[-_MAX_NOTES:], Note(after, time.time(), text)]

    def end_unread(self) -> bool:
        """What was unread is read; tell whether anything was."""
        was_unread, self.unread_after = self.unread_after is not None, None
        return was_unread

    def items(self) -> Iterator[Item]:
        """Yield what is to be drawn, from above."""
        return arranged(self.messages, self.me, self.unread_after, self.notes)


def place(message: StoredMessage) -> tuple[float, int]:
    """Return what orders messages: those that have no number yet come last."""
    return (message.seq or float("inf"), message.id)


def arranged(
    messages: Sequence[StoredMessage],
    me: str,
    unread_after: int | None = None,
    notes: Sequence[Note] = (),
) -> Iterator[Item]:
    """Yield messages with what stands between them: days, notes, and where unread ones begin."""
    told = _by_message(notes, messages)
    yield from told.get(0, ())
    is_marked = unread_after is None
    for day, of_day in groupby(messages, key=lambda message: day_name(message.stored)):
        yield Day(day)
        last: StoredMessage | None = None
        for message in of_day:
            if not is_marked and _is_unread(message, me, unread_after):
                yield UnreadBegins()
                is_marked, last = True, None
            yield Shown(message, last is None or not _belongs(message, last))
            found = told.get(message.id, ())
            yield from found
            # What was told in between is not of the sender above it.
            last = None if found else message


def _by_message(notes: Sequence[Note], messages: Sequence[StoredMessage]) -> dict[int, list[Note]]:
    """Return the notes by the id of the message that they stand below; 0 for none."""
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
        and message.is_proved == to.is_proved  # one header would vouch for both
        and message.guest == to.guest
        and abs(message.stored - to.stored) < _TOGETHER
    )
