"""Messages as the client keeps them, and the states that they go through."""

from enum import StrEnum
from typing import NamedTuple

_NEAR = 5 * 60.0
"""So many seconds the clocks of a sender and of the server may be apart."""


class MessageState(StrEnum):
    """What has become of a message."""

    UNSENT = "unsent"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    RECEIVED = "received"
    """Another's message."""


class MessageSecurity(StrEnum):
    """How a message came: readable by the server, or sealed, and whether it could be opened."""

    UNENCRYPTED = ""
    ENCRYPTED = "encrypted"
    WAITING = "waiting"
    """Its key has not come yet."""
    BEFORE = "before"
    """It was written before one has joined the room, which does not show that."""
    EARLIER = "earlier"
    """It was written before this device was there: another device may give its key."""
    UNSIGNED = "unsigned"
    """Its sender's device is not signed by the account's identity: held back until it is."""
    UNPROVED = "unproved"
    """A device of its sender has sealed it, but none that the identity known now has signed."""
    UNAPPROVED = "unapproved"
    """This device is not approved, so nobody gives it keys: approve it to read the message."""
    DOWNGRADED = "downgraded"
    """It came unencrypted into an encrypted conversation: anybody may have written it."""
    INVALID = "invalid"
    """It is not what its sender wrote, or was sent again by another."""


WAITS = (MessageSecurity.WAITING, MessageSecurity.UNSIGNED, MessageSecurity.UNAPPROVED)
"""Messages whose keys are asked for again."""


class IdentityTrust(StrEnum):
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
    number, and below 0 in a part that is closed. `stored` is when the server got the message, by
    its clock (until then by this computer's): conversations and days are ordered by it. `time` is
    what the sender's clock said, `said_time` what the server says of that where it is another. All
    are unix time. `reason` says why it failed. Without its key the text is empty. `signed_by` is
    the self-signing key of the identity that had signed the device which sealed it, "" if none had.
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
    security: MessageSecurity = MessageSecurity.UNENCRYPTED
    stored: float = 0.0
    said_time: float | None = None
    signed_by: str = ""

    @property
    def shown_time(self) -> float:
        """The time to show: when it was written, where the sender's clock can be believed.

        Of one's own that was written before the server could be reached, too; else when it came.
        """
        written_offline = self.state is not MessageState.RECEIVED and self.time < self.stored
        is_near = abs(self.time - self.stored) <= _NEAR
        return self.time if is_near or written_offline else self.stored

    @property
    def is_proved(self) -> bool:
        """Whether a device of its sender has signed it: nothing else is a person's word.

        Of a sender who is verified it is one that the verified identity has signed.
        """
        return self.security is MessageSecurity.ENCRYPTED


class Contents(NamedTuple):
    """What a received message says; while it waits for the key of a session, `encrypted` is kept.

    `session_id` is the id of the session whose key is waited for, or the name of the one that has
    opened the message; `position` is which message of that session waits.
    `time` (unix time) is what is encrypted with it; None where only the server says it. `signed_by`
    is that of a StoredMessage.
    """

    text: str
    security: MessageSecurity = MessageSecurity.UNENCRYPTED
    session_id: str = ""
    encrypted: bytes = b""
    time: float | None = None
    signed_by: str = ""
    position: int = 0

    def is_of_a_guest(self, said: bool) -> bool:
        """Tell whether a guest wrote it, where the server has `said` so: guests cannot seal."""
        return said and self.security not in (MessageSecurity.ENCRYPTED, MessageSecurity.UNPROVED)


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
    encrypted: bool
    history: bool
    joined: float
    unread: int
    last: StoredMessage | None
    trust: IdentityTrust = IdentityTrust.UNKNOWN
