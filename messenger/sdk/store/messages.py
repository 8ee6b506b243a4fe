"""Messages as the client keeps them, and the states that they go through."""

from enum import StrEnum
from typing import NamedTuple


class MessageState(StrEnum):
    """What has become of a message."""

    UNSENT = "unsent"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    RECEIVED = "received"
    """Another's message."""


class StoredMessage(NamedTuple):
    """A message in the local database.

    `conversation` is the room or the other person; `seq` is None until the server has given the
    number; `time` is unix time; `reason` says why it failed.
    """

    id: int
    conversation: str
    seq: int | None
    sent_id: str | None
    sender: str
    text: str
    encoding: str
    time: float
    state: MessageState
    reason: str
    guest: bool


class ConversationRow(NamedTuple):
    """A conversation in the local database, with what a list shows of it."""

    name: str
    synced: int
    first: int
    delivered: int
    read: int
    topic: str
    guest: bool
    muted: bool
    unread: int
    last: StoredMessage | None
