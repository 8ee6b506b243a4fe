"""Removes messages and logins that are older than they are kept: some at a time, oldest first.

Rows are taken in the order of their numbers, in which they were stored: the times beside them come
from a clock that may have been wrong for a while. A row whose time is in the future is as old as
the row after it; and a row that is not old yet protects all that were stored after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from messenger.server.store import named_values
from messenger.server.store.messages import first_kept, first_key, last_key
from messenger.server.store.schema import accounts, conversations, logins, messages

_CONVERSATIONS = 200  # looked at in one query: a step in an index for each
# Rows in one transaction, and bytes of their frames: messages must not wait for more.
_AT_ONCE = 200
_BYTES_AT_ONCE = 256 * 1024

_CLOCK = "clock"

_NOBODY = 0
"""The id of no account: the sender of a message of which only the number is left."""


class Span(NamedTuple):
    """Which rows are old: from before `oldest`, looked at `now` (unix times)."""

    oldest: float
    now: float

    def is_kept(self, time: float) -> bool:
        """Tell whether a row of this time is not old yet."""
        return self.oldest <= time <= self.now


class Due(NamedTuple):
    """Conversations with old messages; others may be after the id `after`, unless it is None."""

    conversation_ids: Sequence[int]
    after: int | None


class Old(NamedTuple):
    """Old rows: all up to the key `last`, None for none; `more` may follow after the key `seen`."""

    last: int | None
    seen: int
    more: bool


class Removed(NamedTuple):
    """How many rows one transaction has removed, and whether `more` of the old ones are left."""

    rows: int
    more: bool


# --- messages ------------------------------------------------------------------------------------


def conversations_due(connection: Connection, after: int, span: Span) -> Due:
    """Look for conversations with old messages among the next ones after an id."""
    some = (
        select(conversations.c.id, first_kept(conversations.c.id).label("first"))
        .where(conversations.c.id > after)
        .order_by(conversations.c.id)
        .limit(_CONVERSATIONS)
        .subquery()
    )
    query = (
        select(some.c.id, messages.c.stored_at)
        .outerjoin(messages, messages.c.message_key == some.c.first)
        .order_by(some.c.id)
    )
    rows = connection.execute(query).all()
    due = [row[0] for row in rows if row[1] is not None and not span.is_kept(row[1])]
    return Due(due, rows[-1][0] if len(rows) == _CONVERSATIONS else None)


def old_messages(connection: Connection, conversation_id: int, after: int, span: Span) -> Old:
    """Look at the next messages of a conversation after a key; 0 is before the first one."""
    start = max(after, first_key(conversation_id))
    query = (
        select(messages.c.message_key, messages.c.stored_at)
        .where(messages.c.message_key > start, messages.c.message_key <= last_key(conversation_id))
        .where(messages.c.frame != "")
        .order_by(messages.c.message_key)
        .limit(_AT_ONCE)
    )
    return _old(connection.execute(query).all(), start, span)


def remove_messages(connection: Connection, conversation_id: int, last: int) -> Removed:
    """Remove the first ones of a conversation's messages up to the key `last`.

    Of the conversation's last message everything is removed but its number, and when it was stored:
    the next message gets the next number, whatever becomes of the others.
    """
    first = first_key(conversation_id)
    up_to = _end_of_some(connection, first, last)
    in_conversation = messages.c.message_key.between(first, last_key(conversation_id))
    newest = connection.scalar(select(func.max(messages.c.message_key)).where(in_conversation))
    gone = messages.c.message_key.between(first, up_to - 1 if newest == up_to else up_to)
    with _overwriting(connection):
        count = connection.execute(delete(messages).where(gone)).rowcount
        if newest == up_to:
            same = messages.c.message_key == up_to
            emptied = update(messages).where(same, messages.c.frame != "")
            values = {"frame": "", "sent_id": None, "sender_id": _NOBODY}
            count += connection.execute(emptied.values(values)).rowcount
    return Removed(count, up_to < last)


def _end_of_some(connection: Connection, first: int, last: int) -> int:
    """Return the key up to which one transaction removes messages between these."""
    # The size of a text is in its row: neither database reads the text for it.
    query = (
        select(messages.c.message_key, func.octet_length(messages.c.frame))
        .where(messages.c.message_key.between(first, last))
        .order_by(messages.c.message_key)
        .limit(_AT_ONCE)
    )
    up_to, size = last, 0
    for key, length in connection.execute(query).all():
        up_to, size = key, size + length
        if size >= _BYTES_AT_ONCE:
            break
    return up_to


# --- logins --------------------------------------------------------------------------------------


def old_logins(connection: Connection, after: int, span: Span) -> Old:
    """Look at the next logins after an id; 0 is before the first one."""
    query = select(logins.c.id, logins.c.time).where(logins.c.id > after)
    rows = connection.execute(query.order_by(logins.c.id).limit(_AT_ONCE)).all()
    return _old(rows, after, span)


def remove_logins(connection: Connection, last: int) -> Removed:
    """Remove the first ones of the logins up to the id `last`."""
    some = select(logins.c.id).where(logins.c.id <= last).order_by(logins.c.id).limit(_AT_ONCE)
    with _overwriting(connection):
        count = connection.execute(delete(logins).where(logins.c.id.in_(some))).rowcount
    return Removed(count, count == _AT_ONCE)


def old_addresses(connection: Connection, span: Span) -> Sequence[int]:
    """Return some accounts whose last login was before the span, and whose address is stored."""
    query = select(accounts.c.id).where(
        accounts.c.last_address.is_not(None), accounts.c.last_login < span.oldest
    )
    return connection.scalars(query.limit(_AT_ONCE)).all()


def remove_addresses(connection: Connection, ids: Sequence[int], span: Span) -> None:
    """Forget the address of the last login of these accounts; when it was is kept."""
    # Again: somebody may have logged in since.
    old = accounts.c.id.in_(ids) & (accounts.c.last_login < span.oldest)
    with _overwriting(connection):
        connection.execute(update(accounts).where(old).values(last_address=None))


# --- the clock -----------------------------------------------------------------------------------


def confirmed_time(connection: Connection) -> float | None:
    """Return the time at which the clock was last known to be right, None for a new server.

    Of a server of an earlier version it is when somebody logged in last.
    """
    found = named_values.get(connection, _CLOCK)
    if found is not None:
        return float(found)
    return connection.scalar(select(logins.c.time).order_by(logins.c.id.desc()).limit(1))


def confirm_time(connection: Connection, now: float) -> None:
    """Note that the clock is right."""
    named_values.put(connection, _CLOCK, repr(now))


# --- SQLite's file -------------------------------------------------------------------------------


def empty_log(connection: Connection) -> bool:
    """Empty the write-ahead log of SQLite; False if others use it at this moment.

    What was removed is in its older pages, on a small server for months: it is written from its
    beginning once it is full. Call it outside of a transaction.
    """
    if connection.dialect.name != "sqlite":
        return True
    # Most of the work, as nobody waits for it.
    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()
    patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    # Messages would wait as long as this waits for a reader: a backup reads for minutes.
    connection.exec_driver_sql("PRAGMA busy_timeout=0").close()
    try:
        return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}").close()


@contextmanager
def _overwriting(connection: Connection) -> Iterator[None]:
    """Have SQLite overwrite what is removed: else it would stay in the file, perhaps for years.

    Other changes do without, as some would write more pages.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")


def _old(rows: Iterable[Sequence[float]], after: int, span: Span) -> Old:
    last, seen, count = None, after, 0
    for key, time in rows:
        if span.is_kept(time):
            return Old(last, seen, more=False)
        seen, count = int(key), count + 1
        if time < span.oldest:
            last = int(key)
    return Old(last, seen, more=count == _AT_ONCE)
