"""The core's events for a user interface, besides those of the wire."""

from enum import StrEnum
from typing import NamedTuple

from messenger.jim.contacts import ContactChanged
from messenger.jim.errors import ProtocolError
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.sdk.store.messages import IdentityTrust, StoredMessage


class ConnectionState(StrEnum):
    """The state of the client's connection."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    HANDSHAKE = "handshake"
    ONLINE = "online"
    REFUSED = "refused"
    """The server refuses the login: other credentials are needed."""
    CLOSED = "closed"


class Emptiness(StrEnum):
    """Why no messages of a conversation are stored."""

    LOADING = "loading"
    """The server's messages are being fetched, or not known yet."""
    OLDER = "older"
    """`fetch_older` fetches the messages."""
    HIDDEN = "hidden"
    """Only new messages are shown: to a guest, or by a server that stores none."""
    EMPTY = "empty"
    """There are no messages."""


class StateChanged(NamedTuple):
    """The connection's state has changed; `reason` is a sentence for the user, or empty.

    `retry_in` is the time until the next attempt in seconds, if one is planned; `error` is the
    server's refusal, or the reason why no connection can be made.
    """

    state: ConnectionState
    reason: str = ""
    retry_in: float | None = None
    error: ProtocolError | None = None


class MessageReceived(NamedTuple):
    """A message has arrived and is stored; reported once, in the conversation's order."""

    message: StoredMessage


class MessageChanged(NamedTuple):
    """An own message was sent, delivered or read, or failed with `error`."""

    message: StoredMessage
    error: ProtocolError | None = None


class MessageDecrypted(NamedTuple):
    """A message that waited for its key is decrypted now."""

    message: StoredMessage


class MessagesMissing(NamedTuple):
    """Another member has seen newer messages than the server shows: it withholds some."""

    conversation: str


class MessagesLost(NamedTuple):
    """The server was restored from a backup, and has lost the conversation's latest messages."""

    conversation: str


class DeviceAppeared(NamedTuple):
    """A known account uses a new device, which may be `approved` by an older one.

    An `excluded` device gets no keys until it is approved; if the account has no identity, devices
    are trusted on first use.
    """

    account: str
    device_id: str
    approved: bool = False
    excluded: bool = False


class MembersAppeared(NamedTuple):
    """A room's device list has new accounts without an event that they have joined.

    They may have joined while this client was offline, or the server has added them.
    """

    room: str
    accounts: tuple[str, ...]


class IdentityChanged(NamedTuple):
    """An account's devices are signed by another identity than before."""

    account: str
    was_verified: bool


class TrustDecided(NamedTuple):
    """The user has changed the trust in an account's identity on another device."""

    account: str
    trust: IdentityTrust


class IdentityMade(NamedTuple):
    """The account has an identity now; the user should write its recovery code down."""

    code: str


class ApprovalNeeded(NamedTuple):
    """Another device of the account has to approve this one: the user types the code there.

    A device that was removed and still has the account's secret (`keeps_secret`) may approve itself
    if the user agrees.
    """

    code: str
    keeps_secret: bool = False


class DeviceApproved(NamedTuple):
    """The device is approved, and gets the keys of older messages."""


class VerificationState(StrEnum):
    """How far a verification by comparing emoji (SAS) is."""

    REQUEST_SENT = "request_sent"
    """This user has asked: the other has to accept."""
    REQUEST_RECEIVED = "request_received"
    """The other has asked: `keys.request_verification` accepts."""
    READY = "ready"
    """Both want it: their devices exchange keys."""
    EMOJI_SHOWN = "emoji_shown"
    """Both users see emoji: `keys.agree`, or `keys.differ`."""
    CONFIRMED = "confirmed"
    """This user has agreed: the other has to."""
    VERIFIED = "verified"
    """Both have agreed: the other's identity is verified."""
    CANCELLED = "cancelled"
    """It has ended without that, for a `CancelReason`."""


class CancelReason(StrEnum):
    """Why a verification has ended without success, by Matrix's codes."""

    USER = "m.user"
    TIMEOUT = "m.timeout"
    MISMATCH = "m.mismatched_sas"
    """The emoji differ."""
    OTHER_KEYS = "m.key_mismatch"
    """A side has not proved that it has the keys of its account."""
    UNEXPECTED = "m.unexpected_message"
    UNKNOWN_METHOD = "m.unknown_method"
    """The other side cannot compare emoji."""
    ACCEPTED_ELSEWHERE = "m.accepted"
    """Another device of this account has accepted the request."""
    UNKNOWN = "unknown"
    """The other side has given a code that this program does not know."""


class Verification(NamedTuple):
    """A verification with an account.

    `emoji` are seven indexes into Matrix's table of 64 (SAS method `emoji`), once they are shown.
    A cancelled one has a `reason`, and is `cancelled_here` or by the other side.
    """

    account: str
    state: VerificationState
    emoji: tuple[int, ...] = ()
    reason: CancelReason | None = None
    cancelled_here: bool = False


class VerificationChanged(NamedTuple):
    """A verification has begun, has got further, or has ended."""

    verification: Verification


class KeysRestored(NamedTuple):
    """So many keys of older messages were restored."""

    keys: int


class BackupOutdated(NamedTuple):
    """The server has sent an older state of the account's key backup than it had.

    This device has seen the newer one, or the device that has approved it has.
    """


class ConversationChanged(NamedTuple):
    """A conversation has changed: receipts, unread count, topic, or older history."""

    conversation: str


class ContactsChanged(NamedTuple):
    """The contact list has arrived or changed."""

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
    | VerificationChanged
    | ConversationChanged
    | ContactsChanged
    | ContactChanged
    | TypingNotice
    | ReceiptChanged
    | RoomChanged
)
