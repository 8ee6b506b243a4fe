"""Messages on their way into the log: which are new, sent again, or early.

All functions are for the journal's thread.
"""

from collections.abc import Iterable, Mapping, Sequence

from messenger.jim.messages import SendMessage
from messenger.server.records import Account, Conversation, Session

_MAX_REMEMBERED = 1_000  # conversations, of whose last message a session's memory is


class Check:
    """What a message was checked with: a request of an account, after so many changes.

    `known_changes` are those of the conversation that were in memory then; if the database has
    counted other `changes`, or the message is behind such a one, it `is_outdated`, and checked
    again, in so many `rounds`. A `refusal` that was found then is answered in its place.
    """

    __slots__ = (
        "account",
        "changes",
        "is_outdated",
        "known_changes",
        "refusal",
        "request",
        "rounds",
    )

    def __init__(self, account: Account, request: SendMessage, known_changes: int) -> None:
        self.account = account
        self.request = request
        self.known_changes = known_changes
        self.changes = 0
        self.rounds = 0
        self.is_outdated = False
        self.refusal: Exception | None = None


class Append:
    """A message on its way into the log.

    `frame` is stored and delivered, without the number; `seq` is 0 until the message is committed,
    and stays 0 if that failed. `again` says that it was stored already, `is_early` that the message
    which it comes `after`, by that one's id, was not, `is_refused` that the database cannot store
    what it contains. `is_noted` says that its session's `last_sent` names it, in place of `before`.
    `check` says how it was checked, if that may be outdated.
    It is flat and has slots, like a Session: each message is one.
    """

    __slots__ = (
        "after",
        "again",
        "before",
        "check",
        "conversation",
        "frame",
        "is_early",
        "is_noted",
        "is_refused",
        "request_id",
        "sender_id",
        "sent_id",
        "seq",
        "session",
        "stored_at",
    )

    def __init__(
        self,
        conversation: Conversation,
        session: Session,
        sender_id: int,
        sent_id: str | None,
        frame: bytes,
        request_id: str | int | None,
        after: str | None = None,
    ) -> None:
        self.conversation = conversation
        self.session = session
        self.sender_id = sender_id
        self.sent_id = sent_id
        self.frame = frame
        self.request_id = request_id
        self.seq = 0
        self.stored_at = 0.0
        self.after = after
        self.before: str | None = None
        self.again = False
        self.is_early = False
        self.is_noted = False
        self.is_refused = False
        self.check: Check | None = None


def turn_back(entries: list[Append], counts: Mapping[int, int]) -> list[Append]:
    """Mark the messages that were checked before a change; return the others.

    `counts` has the changes of each conversation. What a session has sent after such a message
    waits for it, so that the order stays.
    """
    current = []
    for entry in entries:
        session, count, check = entry.session, counts[entry.conversation.id], entry.check
        if check is None:
            current.append(entry)
            continue
        if check.known_changes != count and check.refusal is None:
            session.is_turned_back = True
        if session.is_turned_back:
            check.is_outdated, check.changes = True, count
        elif check.refusal is None:
            current.append(entry)
    return current


def mark_early(entries: Iterable[Append]) -> bool:
    """Mark the messages that are early if all of them are new; tell whether there are any."""
    found = False
    for entry in entries:
        if entry.sent_id is not None and not _follow(entry, entry.sent_id):
            found = True
    return found


def mark(entries: Iterable[Append], known: Mapping[tuple[int, str], int]) -> None:
    """Mark early messages, and those that are stored: `known` has the numbers by (sender, id).

    A message that is stored, or is twice in one transaction, is answered whatever it comes after.
    """
    new = set()
    for entry in entries:
        if entry.sent_id is None:
            continue
        key = (entry.sender_id, entry.sent_id)
        if key in known or key in new:
            entry.again, entry.seq = True, known.get(key, 0)
        if _follow(entry, entry.sent_id) and not entry.again:
            new.add(key)


def number_copies(entries: Iterable[Append]) -> None:
    """Give a message that is twice in one transaction the number of the first."""
    first = {
        (entry.sender_id, entry.sent_id): entry.seq
        for entry in entries
        if entry.seq and not entry.again
    }
    for entry in entries:
        if entry.again and not entry.seq:
            entry.seq = first[entry.sender_id, entry.sent_id]


def take_back(entries: Sequence[Append]) -> None:
    """Undo the numbers and marks of a transaction's messages: none of them was stored.

    What follows them in a later transaction is then early, until they are sent again.
    """
    # Backwards, so that what is left is what was there before the first of them.
    for entry in reversed(entries):
        if entry.seq and not entry.again:
            entry.conversation.last_assigned = entry.seq - 1
        if entry.is_noted:
            entry.session.last_sent[entry.conversation.first_key] = entry.before
        entry.seq = 0
        entry.again = entry.is_early = entry.is_noted = entry.is_refused = False
        if entry.check is not None:
            entry.check.is_outdated = False


def _follow(entry: Append, sent_id: str) -> bool:
    """Note that the message was sent; False, and mark it, if it is early."""
    last_sent, where = entry.session.last_sent, entry.conversation.first_key
    before = last_sent.get(where)
    if entry.after is not None and entry.after != before and not entry.again:
        entry.is_early = True
        return False
    if len(last_sent) >= _MAX_REMEMBERED:
        last_sent.clear()  # What is on its way is refused as early, and sent again.
    last_sent[where] = sent_id
    entry.before, entry.is_noted = before, True
    return True
