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


class Lock(StrEnum):
    """How a message came: readable by the server, or sealed, and whether it could be opened."""

    OPEN = ""
    SEALED = "sealed"
    WAITING = "waiting"
    """Its key has not come yet."""
    EARLIER = "earlier"
    """It was written before this device was there: another device may give its key."""
    FORGED = "forged"
    """It is not what its sender wrote, or was sent again by another."""


class Trust(StrEnum):
    """How far a user trusts that an account is whose it says."""

    UNKNOWN = ""
    """It has no identity: no client of ours was ever used for it."""
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    CHANGED = "changed"
    """It was verified, and is another now: nothing is sealed for it until the user decides."""


class StoredMessage(NamedTuple):
    """A message in the local database.

    `conversation` is the room or the other person; `seq` is None until the server has given the
    number; `time` is unix time; `reason` says why it failed. Without its key the text is empty.
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
    lock: Lock = Lock.OPEN


class Contents(NamedTuple):
    """What a received message says; while it waits for the key of a session, `sealed` is kept."""

    text: str
    lock: Lock = Lock.OPEN
    session_id: str = ""
    sealed: bytes = b""


class ConversationRow(NamedTuple):
    """A conversation in the local database, with what a list shows of it.

    `trust` is that in the other person.
    """

    name: str
    synced: int
    first: int
    delivered: int
    read: int
    topic: str
    guest: bool
    muted: bool
    sealed: bool
    history: bool
    unread: int
    last: StoredMessage | None
    trust: Trust = Trust.UNKNOWN
