"""What the core tells a face, besides the events of the wire."""

from enum import StrEnum
from typing import NamedTuple

from messenger.jim.contacts import ContactChanged
from messenger.jim.errors import ProtocolError
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.sdk.store.messages import IdentityTrust, StoredMessage


class ConnectionState(StrEnum):
    """How the client stands with its server."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    HANDSHAKE = "greeting"
    ONLINE = "online"
    REFUSED = "refused"
    """The server does not let this user in: other credentials are needed."""
    CLOSED = "closed"


class Emptiness(StrEnum):
    """Why nothing of a conversation is here."""

    LOADING = "loading"
    """What the server has is on its way, or not known yet."""
    OLDER = "older"
    """`fetch_older` brings what was said."""
    HIDDEN = "hidden"
    """One gets what is written from now on: a guest, or at a server that keeps nothing."""
    EMPTY = "empty"
    """Nothing was said."""


class StateChanged(NamedTuple):
    """The link's state has changed; `reason` is a sentence for the user, or empty.

    `retry_in` is the time until the next try, in seconds, where one is planned; `error` is what
    the server refused with, or what keeps the link from being made.
    """

    state: ConnectionState
    reason: str = ""
    retry_in: float | None = None
    error: ProtocolError | None = None


class MessageReceived(NamedTuple):
    """A message has come, and is stored; each comes once, in its conversation's order."""

    message: StoredMessage


class MessageChanged(NamedTuple):
    """A message of one's own was sent, delivered, read, or failed; `error` says by what."""

    message: StoredMessage
    error: ProtocolError | None = None


class MessageDecrypted(NamedTuple):
    """A message that waited for its key can be read now."""

    message: StoredMessage


class MessagesMissing(NamedTuple):
    """Somebody has seen more of a conversation than the server shows here: it holds some back."""

    conversation: str


class MessagesLost(NamedTuple):
    """The server was brought back from a backup, and has forgotten what was said last there."""

    conversation: str


class DeviceAppeared(NamedTuple):
    """Somebody who was known before uses a new device, which may be `approved` by an older one.

    One that is `excluded` is given no keys until it is approved; where the account has no identity
    devices are trusted on first use.
    """

    account: str
    device_id: str
    approved: bool = False
    excluded: bool = False


class MembersAppeared(NamedTuple):
    """A room's list of devices has accounts that it had not before, and that nobody told of.

    They may have joined while this client was away, or the server has added them.
    """

    room: str
    accounts: tuple[str, ...]


class IdentityChanged(NamedTuple):
    """Somebody's devices are vouched for by another identity than before."""

    account: str
    was_verified: bool


class TrustDecided(NamedTuple):
    """The user has decided on another device how far an account's identity is trusted."""

    account: str
    trust: IdentityTrust


class IdentityMade(NamedTuple):
    """The account has an identity from now on; its recovery code is to be written down."""

    code: str


class ApprovalNeeded(NamedTuple):
    """Another device of the account has to approve this one: the code is typed there.

    One that was removed before, and `keeps_secret`, may be approved by that where its user says so.
    """

    code: str
    keeps_secret: bool = False


class DeviceApproved(NamedTuple):
    """The device is approved, and gets what was written before it was there."""


class VerificationRequested(NamedTuple):
    """Somebody wants to compare emoji."""

    account: str


class EmojiShown(NamedTuple):
    """Seven emoji to compare with somebody, as places in Matrix's table."""

    account: str
    emoji: tuple[int, ...]


class VerificationEnded(NamedTuple):
    """A comparison is over; `reason` says why where nobody is verified."""

    account: str
    verified: bool
    reason: str = ""


class KeysRestored(NamedTuple):
    """The keys of what was written before are here."""

    keys: int


class BackupOutdated(NamedTuple):
    """The server has given an older state of the account's key backup than it had.

    This device knows that, or the one that has approved it has said so.
    """


class ConversationChanged(NamedTuple):
    """What is known of a conversation has changed: marks, unread, topic, older history."""

    conversation: str


class ContactsChanged(NamedTuple):
    """The list of contacts has come or changed."""

    names: tuple[str, ...]


CoreEvent = (
    StateChanged
    | MessageReceived
    | MessageChanged
    | MessageDecrypted
    | MessagesMissing
    | MessagesLost
    | DeviceAppeared
    | MembersAppeared
    | IdentityChanged
    | TrustDecided
    | IdentityMade
    | ApprovalNeeded
    | DeviceApproved
    | KeysRestored
    | BackupOutdated
    | VerificationRequested
    | EmojiShown
    | VerificationEnded
    | ConversationChanged
    | ContactsChanged
    | ContactChanged
    | TypingNotice
    | ReceiptChanged
    | RoomChanged
)
