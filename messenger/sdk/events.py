"""The core's events for a user interface, besides those of the wire."""

from enum import StrEnum
from typing import NamedTuple

from messenger.jim.contacts import ContactChanged
from messenger.jim.errors import ProtocolError
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.sdk.key_states import Approval, ApprovalState, Recovery, Verification
from messenger.sdk.store.messages import ConversationSummary, IdentityTrust, StoredMessage


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
    """The connection's state has changed.

    `error` is the server's refusal, or why the connection ended or cannot be made; `retry_at` (unix
    time) is when the next attempt begins, if one is planned.
    """

    state: ConnectionState
    error: Exception | None = None
    retry_at: float | None = None


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


class DeviceApproved(NamedTuple):
    """A device of the user was approved: this one has sent it the account's secret.

    It signs itself with it as soon as it gets it, so lists may show it unsigned for a moment.
    """

    device_id: str


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


class ApprovalChanged(NamedTuple):
    """The state of this device has changed: it was approved, needs approval, or was removed."""

    approval: Approval
    before: ApprovalState


class RecoveryChanged(NamedTuple):
    """The account has a recovery code, which the user should note, or older messages are fetched.

    A new code says that the account has another identity than before.
    """

    recovery: Recovery


class VerificationChanged(NamedTuple):
    """A verification has begun, has got further, or has ended."""

    verification: Verification


class KeysRestored(NamedTuple):
    """The key backup was fetched, and so many keys that this device lacked were in it."""

    keys: int


class BackupOutdated(NamedTuple):
    """The server has sent an older state of the account's key backup than it had.

    This device has seen the newer one, or the device that has approved it has.
    """


class ServerAnnounced(NamedTuple):
    """The server has a message for everybody who logs in; it may have a name."""

    text: str
    server_name: str = ""


class ConversationChanged(NamedTuple):
    """A conversation has changed: receipts, unread, topic, history, trust, draft, pin or muting."""

    conversation: str


class SummariesChanged(NamedTuple):
    """These rows of the list of conversations have changed.

    It follows the events that have changed them, those of a moment together; or a mute has ended.
    """

    summaries: tuple[ConversationSummary, ...]


class MembersChanged(NamedTuple):
    """The members of a room have arrived or changed: `people.members` returns them."""

    room: str


class ContactsChanged(NamedTuple):
    """The contact list has arrived or changed."""

    names: tuple[str, ...]


class BlocksChanged(NamedTuple):
    """The user has blocked or unblocked somebody, maybe on another device.

    `names` are all who are blocked now, `changed` those who were not before, or are no longer.
    """

    names: tuple[str, ...]
    changed: tuple[str, ...]


CoreEvent = (
    StateChanged
    | MessageReceived
    | MessageChanged
    | MessageDecrypted
    | MessagesMissing
    | MessagesLost
    | DeviceAppeared
    | DeviceApproved
    | MembersAppeared
    | IdentityChanged
    | TrustDecided
    | ApprovalChanged
    | RecoveryChanged
    | KeysRestored
    | BackupOutdated
    | ServerAnnounced
    | VerificationChanged
    | ConversationChanged
    | SummariesChanged
    | MembersChanged
    | ContactsChanged
    | BlocksChanged
    | ContactChanged
    | TypingNotice
    | ReceiptChanged
    | RoomChanged
)
