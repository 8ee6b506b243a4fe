"""The list of conversations: what each row of it shows."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean

from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import BLOCKED, ConversationSummary, IdentityTrust, StoredMessage
from messenger.sdk.store.schema import conversations, messages
from messenger.sdk.store.statements import columns_of

# What they write in rooms is hidden. The condition without a column is first, and is false for most
# users: rows of messages are read only for those who have blocked somebody.
_HIDDEN = f"""EXISTS (SELECT 1 FROM profile WHERE name = '{BLOCKED}') AND c.name LIKE '#%'
AND conversation = c.name AND seq > c.read AND state = 'received'
AND sender IN (SELECT value FROM json_each((SELECT value FROM profile WHERE name = '{BLOCKED}')))"""

# Each is a step or two in an index for each conversation: no rows of messages are read but the last
# ones. SQLite would look for unnumbered ones in the index of all.
_ALL = f"""SELECT {columns_of("c", conversations)},
(SELECT count(*) FROM messages WHERE conversation = c.name AND seq > c.read)
- (SELECT count(*) FROM messages WHERE conversation = c.name AND seq > c.read
   AND state != 'received')
- (SELECT count(*) FROM messages WHERE {_HIDDEN}),
(SELECT count(*) FROM messages WHERE conversation = c.name AND seq > c.read AND mentions)
- (SELECT count(*) FROM messages WHERE mentions AND {_HIDDEN}),
(SELECT trust FROM identities WHERE account = c.name),
{columns_of("m", messages)}
FROM conversations AS c LEFT JOIN messages AS m ON m.id = coalesce(
    (SELECT id FROM messages INDEXED BY ix_messages_unnumbered
     WHERE conversation = c.name AND seq IS NULL ORDER BY id DESC LIMIT 1),
    (SELECT id FROM messages WHERE conversation = c.name AND seq IS NOT NULL
     ORDER BY seq DESC LIMIT 1))"""
_NAMED = f"{_ALL} WHERE c.name IN (SELECT value FROM json_each(?))"

_COUNT = len(conversations.columns)
_FLAGS = [index for index, one in enumerate(conversations.columns) if isinstance(one.type, Boolean)]


def summaries(
    connection: Any, names: Sequence[str] | None, queued: dict[str, StoredMessage]
) -> list[ConversationSummary]:
    """Return the rows of the list, or those of `names`, in its order.

    `queued` is the last message of each conversation with messages that are not in the database
    yet. The `connection` is one of the driver.
    """
    if names is None:
        rows = connection.execute(_ALL)
    else:
        rows = connection.execute(_NAMED, (msgspec.json.encode(names).decode(),))
    found = [_summary(row) for row in rows]
    if queued:
        new = queued.keys() - {one.name for one in found}
        found = [one._replace(last=queued.get(one.name, one.last)) for one in found]
        found += [new_row(name, queued[name]) for name in new]
    return sorted(found, key=lambda one: one.rank, reverse=True)


def _summary(row: Sequence[Any]) -> ConversationSummary:
    values = list(row[:_COUNT])
    for index in _FLAGS:
        values[index] = bool(values[index])
    unread, mentions, trust, *last = row[_COUNT:]
    known = None if last[0] is None else message_of(last)
    found = (*values, unread, known, IdentityTrust(trust or ""), mentions, None)
    return ConversationSummary._make(found)


def new_row(name: str, last: StoredMessage | None = None) -> ConversationSummary:
    """Return the row of a conversation that is not stored yet."""
    return ConversationSummary(
        name, synced=0, first=1, delivered=0, read=0, topic="", guest=False, encrypted=False,
        history=False, joined=0.0, muted_until=0.0, pinned=False, draft="", unread=0, last=last,
    )  # fmt: skip
