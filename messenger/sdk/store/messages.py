"""Messages as the client stores them, and the states that they go through."""

import time
from enum import StrEnum
from typing import NamedTuple

from messenger.jim.contacts import Person
from messenger.sdk.stored_errors import restored_error

_NEAR = 5 * 60.0
"""How far the clocks of a sender and of the server may differ, in seconds."""

BLOCKED = "blocked"
"""The profile's value with the names of those whom the user has blocked, as JSON."""


class MessageState(StrEnum):
    """The delivery state of a message."""

    UNSENT = "unsent"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    RECEIVED = "received"
    """A message of somebody else."""


class MessageSecurity(StrEnum):
    """Whether a message was encrypted, and whether it could be decrypted and verified."""

    UNENCRYPTED = ""
    ENCRYPTED = "encrypted"
    WAITING = "waiting"
    """Its key has not arrived yet."""
    BEFORE = "before"
    """It was sent before the user joined the room, which does not show its history."""
    EARLIER = "earlier"
    """It was sent before this device was added: another device may share its key."""
    UNSIGNED = "unsigned"
    """Its sender's device is not signed by the account's identity: hidden until it is."""
    UNPROVED = "unproved"
    """A device of its sender encrypted it, but none that the current identity has signed."""
    UNAPPROVED = "unapproved"
    """This device is not approved, so it gets no keys: approve it to read the message."""
    DOWNGRADED = "downgraded"
    """It arrived unencrypted in an encrypted conversation: anybody may have written it."""
    INVALID = "invalid"
    """It failed verification, or is a replay."""
    BLOCKED = "blocked"
    """The user has blocked its sender: shown so in rooms, never stored."""


WAITS = (MessageSecurity.WAITING, MessageSecurity.UNSIGNED, MessageSecurity.UNAPPROVED)
"""Messages whose keys are requested again."""


class IdentityTrust(StrEnum):
    """How far the user trusts the identity of an account."""

    UNKNOWN = ""
    """It has no identity: no client with encryption was ever used for it."""
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    CHANGED = "changed"
    """It was verified, and has changed: nothing is encrypted for it until the user decides."""


class StoredMessage(NamedTuple):
    """A message in the local database.

    `conversation` is the room or the other person. `seq` is None until the server has assigned the
    number, and below 0 in a closed log. `stored` is when the server stored the message, by its
    clock (until then by this computer's): conversations and days are ordered by it. `time` is what
    the sender's clock said, `said_time` what the server says it was, if that differs. All are unix
    time. `reason` is `failure`, why sending failed, as the database has it. Without its key the
    text is empty. `signed_by` is the self-signing key of the identity that had signed the
    encrypting device, "" if none had. `mentions`: somebody else's text mentions the user.
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
    mentions: bool = False

    @property
    def shown_time(self) -> float:
        """The time to show: when it was written, if the sender's clock is plausible.

        Also for a message that the user wrote offline; otherwise when the server stored it.
        """
        written_offline = self.state is not MessageState.RECEIVED and self.time < self.stored
        is_near = abs(self.time - self.stored) <= _NEAR
        return self.time if is_near or written_offline else self.stored

    @property
    def failure(self) -> Exception | None:
        """Why sending failed, if it did."""
        return restored_error(self.reason)

    @property
    def is_proved(self) -> bool:
        """Whether it is authenticated: encrypted by a device of its sender.

        If the sender is verified, the verified identity has signed that device.
        """
        return self.security is MessageSecurity.ENCRYPTED


class Contents(NamedTuple):
    """The contents of a received message; `encrypted` is not empty while its key is missing.

    `session_id` is the id of the session whose key is missing, or the name of the one that has
    decrypted the message; `position` is the position of the waiting message in that session.
    `time` (unix time) is the encrypted one; None if only the server states it. `signed_by` is that
    of a StoredMessage.
    """

    text: str
    security: MessageSecurity = MessageSecurity.UNENCRYPTED
    session_id: str = ""
    encrypted: bytes = b""
    time: float | None = None
    signed_by: str = ""
    position: int = 0

    def is_of_a_guest(self, said: bool) -> bool:
        """Tell whether a guest wrote it, if the server has `said` so: guests cannot encrypt."""
        return said and self.security not in (MessageSecurity.ENCRYPTED, MessageSecurity.UNPROVED)


class ConversationSummary(NamedTuple):
    """A conversation in the local database, with what a list shows of it.

    `muted_until` is unix time, 0 if it is not muted, infinite if it is muted for good. `trust` is
    the trust in the other person's identity. `mentions` counts the unread messages that mention
    the user. `person` is the presence of a contact as the client's `summaries` know it: the
    database does not, nor does the client while it is offline.
    """

    name: str
    synced: int
    first: int
    delivered: int
    read: int
    topic: str
    guest: bool
    encrypted: bool
    history: bool
    joined: float
    muted_until: float
    pinned: bool
    draft: str
    unread: int
    last: StoredMessage | None
    trust: IdentityTrust = IdentityTrust.UNKNOWN
    mentions: int = 0
    person: Person | None = None

    @property
    def muted(self) -> bool:
        """Whether it is muted now."""
        return self.muted_until > time.time()

    @property
    def rank(self) -> tuple[bool, float]:
        """Its place in the list: pinned ones come first, then those with the latest message."""
        # The server's time: by the senders' clocks a wrong one could stay on top for years.
        return self.pinned, self.last.stored if self.last else 0.0
