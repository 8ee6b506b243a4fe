"""A server that was brought back from a backup has forgotten messages: they stay here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from messenger.jim.messages import UNDECODABLE, Message
from messenger.language import _
from messenger.sdk.store.messages import MessageSecurity, MessageState
from messenger.sdk.store.rooms import noted_room_id
from messenger.sdk.store.schema import conversations, decrypted, inbound_sessions, messages

_SAID_TIME = func.coalesce(messages.c.said_time, messages.c.time)
"""When a message was written as the server says it, which is what its copy of the log has."""

_COMPARED = (messages.c.sender, messages.c.encoding, _SAID_TIME)


def is_another(connection: Connection, conversation: str, message: Message) -> bool:
    """Tell whether another message has the number here that this one comes with."""
    query = select(*_COMPARED).where(
        messages.c.conversation == conversation, messages.c.seq == message.seq
    )
    row = connection.execute(query).first()
    return row is not None and not _is_same(row, message)


def last_in_common(connection: Connection, conversation: str, page: Sequence[Message]) -> int:
    """Return the number up to which the log here is the server's, which has this page of it."""
    if not page:
        return 0
    rows = connection.execute(
        select(messages.c.seq, *_COMPARED).where(
            messages.c.conversation == conversation,
            messages.c.seq.between(page[0].seq, page[-1].seq),
        )
    )
    here = {row[0]: row[1:] for row in rows}
    same = [one.seq for one in page if one.seq in here and _is_same(here[one.seq], one)]
    return max(same, default=page[0].seq - 1)


def _is_same(row: Sequence[Any], message: Message) -> bool:
    """Compare sender and time; the time of a message that could not be decoded is not known."""
    sender, encoding, said_time = row
    has_no_time = UNDECODABLE in (encoding, message.encoding)
    return sender == message.from_ and (has_no_time or said_time == message.time)


def go_back(connection: Connection, conversation: str, me: str, last: int) -> None:
    """Take the numbers after `last` away: the server gives them to other messages.

    What one wrote oneself has failed: whether others still have it is not known. That is
    not said of what is forged, or came plain into an encrypted conversation: it may be nobody's,
    and what was really written with its id may yet come.
    """
    lost = (messages.c.conversation == conversation) & (messages.c.seq > last)
    is_nobodys = messages.c.security.in_((MessageSecurity.INVALID, MessageSecurity.DOWNGRADED))
    connection.execute(update(messages).where(lost, is_nobodys).values(sent_id=None))
    reason = _("The server was brought back from a backup without this message")
    failed = update(messages).where(lost, messages.c.sender == me, ~is_nobodys)
    connection.execute(failed.values(state=MessageState.FAILED, reason=reason))
    connection.execute(update(messages).where(lost).values(seq=None))
    row = update(conversations).where(conversations.c.name == conversation)
    most = {"synced": last, "delivered": last, "read": last, "first": last + 1}
    values = {name: func.min(conversations.c[name], number) for name, number in most.items()}
    connection.execute(row.values(values))
    # At no place of the log any more: sent again they are replays, and what is new comes later.
    room = noted_room_id(connection, conversation, me)
    sessions = select(inbound_sessions.c.name).where(inbound_sessions.c.room_id == room)
    gone = update(decrypted).where(decrypted.c.session_id.in_(sessions), decrypted.c.seq > last)
    connection.execute(gone.values(seq=0))
