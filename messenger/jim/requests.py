"""What a client asks for: one typed request for each action."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from messenger.jim.fields import Name, Number, RequestId, UniqueId, Word
from messenger.jim.keys import (
    BackedUp,
    Claimed,
    DeviceName,
    Devices,
    Letter,
    Letters,
    OwnDevices,
    Published,
)
from messenger.jim.replies import (
    Challenge,
    Conversations,
    History,
    Joined,
    Logins,
    People,
    Reply,
    Rooms,
    Stored,
    Welcome,
)

VERSION = 2
"""The version of the extension that a greeting names in `jim`."""

NUMBERS = "numbers"
"""Feature: messages carry `seq`, and an `id` sent twice is stored once."""
EVENTS = "events"
"""Feature: the server tells about contacts, rooms, typing and marks."""
ENCRYPTION = "encryption"
"""Feature: the device has keys, and letters from other devices come to it."""
FEATURES = (NUMBERS, EVENTS, ENCRYPTION)

AnswerType = TypeVar("AnswerType", bound=Reply)


PASSING = "~"
"""With this begins the id of a device whose keys end with its program: it never comes back."""


class Device(Struct, omit_defaults=True):
    """One of an account's programs: `id` is its own, random and lasting."""

    id: Word = ""
    name: Word = ""
    program: Word = ""
    version: Word = ""


class User(Struct, omit_defaults=True):
    """The `user` of a greeting; a `token` from an earlier login stands for the password."""

    account_name: Name = ""
    client_name: Name = ""
    password: str | None = None
    token: str | None = None
    status: str = ""

    @property
    def name(self) -> str:
        """The account's name, however the client spells the key."""
        return self.account_name or self.client_name

    def __repr__(self) -> str:
        return f"User({self.name!r})"


class Request(Struct, Generic[AnswerType], tag_field="action", kw_only=True, omit_defaults=True):
    """What every request has: anything may stand in `time`; `id` is repeated in the reply.

    `answer` is the type of the reply of success.
    """

    answer: ClassVar[type[Reply]] = Reply
    time: Any = None
    id: RequestId | None = None


class Greeting(Request[Welcome], kw_only=True):
    """What a client says of itself when it comes; `jim` and `features` ask for the extension.

    `lang` (BCP 47) is the language of what errors say.
    """

    answer = Welcome
    lang: str = "en"
    jim: Number = 0
    features: list[str] = []
    device: Device | None = None
    user: User


class Authenticate(Greeting, tag="authenticate", kw_only=True):
    """Log in with a password, or with the token of an earlier login."""


class Scram(Greeting, tag="scram", kw_only=True):
    """Log in by SCRAM-SHA-256-PLUS, in two steps: each carries a message of it in `data`.

    The password is stretched by Argon2id as the answer to the first step says. If that was the
    way of an older server, `verifier` in the second step is what replaces its own.
    """

    answer = Challenge
    data: str
    verifier: str | None = None


class Presence(Greeting, tag="presence", kw_only=True):
    """Say that one is here (`type` "away": that one is not), or answer a probe."""

    type: str | None = None


class Register(Request[Reply], tag="register", kw_only=True):
    """Make an account; `invite` is the token of an invitation, `lang` as in a greeting.

    `verifier` takes the place of the password: the server need not see it.
    """

    lang: str = "en"
    user: User
    invite: str | None = None
    verifier: str | None = None

    def __repr__(self) -> str:
        return f"Register({self.user!r})"


class Password(Request[Challenge], tag="password", kw_only=True):
    """Change one's password, by telling the old one and the new one or by proving it.

    For the proof a step of `scram` goes before; `data` is SCRAM's last message, and `verifier`
    takes the place of the new password: the server need not see either.
    """

    answer = Challenge
    old: str = ""
    new: str = ""
    data: str | None = None
    verifier: str | None = None

    def __repr__(self) -> str:
        return "Password()"


class Logout(Request[Reply], tag="logout", kw_only=True):
    """End the session for good: its token is no longer accepted."""


class Quit(Request[Reply], tag="quit", kw_only=True):
    """Say goodbye; the server closes the link."""


class SendMessage(Request[Stored], tag="msg", kw_only=True, gc=False):
    """Write to a person or a room.

    From a client that asked for numbers, `id` is the message's own, unique for its sender and
    best growing with time (UUIDv7): sent again, it is stored once. `devices` goes with what is
    encrypted: the version of the conversation's devices that it was sealed for.
    """

    answer = Stored
    to: Annotated[str, Meta(max_length=250)]
    message: str
    from_: str | UnsetType = field(name="from", default=UNSET)
    encoding: str | UnsetType = UNSET
    devices: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"SendMessage(to={self.to!r})"


class GetContacts(Request[People], tag="get_contacts", kw_only=True):
    """List one's contacts."""

    answer = People
    user_login: str | None = None


class AddContact(Request[Reply], tag="add_contact", kw_only=True):
    """Add a contact."""

    user_id: Name
    user_login: str | None = None


class DelContact(Request[Reply], tag="del_contact", kw_only=True):
    """Remove a contact."""

    user_id: Name
    user_login: str | None = None


class Join(Request[Joined], tag="join", kw_only=True):
    """Become a member of a room, which is made if there is none of that name.

    A room that is made by a device with keys is `encrypted` unless it says otherwise. `unique_id`
    is what a room that is made now is told by from others of its name.
    """

    answer = Joined
    room: Name
    encrypted: bool | None = None
    unique_id: UniqueId | None = None


class Leave(Request[Reply], tag="leave", kw_only=True):
    """Give up one's membership."""

    room: Name


class ListRooms(Request[Rooms], tag="rooms", kw_only=True):
    """List the rooms by name, in pages; `joined` only one's own."""

    answer = Rooms
    joined: bool = False
    after: Name = ""


class Members(Request[People], tag="members", kw_only=True):
    """List the members of a room, or of the common chat: who is online."""

    answer = People
    room: Name


class Topic(Request[Reply], tag="topic", kw_only=True):
    """Set a room's topic."""

    room: Name
    topic: str


class Kick(Request[Reply], tag="kick", kw_only=True):
    """Remove a member, `ban` for good; for the room's creator."""

    room: Name
    account_name: Name
    ban: bool = False


class Invite(Request[Reply], tag="invite", kw_only=True):
    """Tell a user of a room that one is a member of, and end a ban."""

    room: Name
    account_name: Name


class CloseRoom(Request[Reply], tag="close_room", kw_only=True):
    """Close a room for good; for its creator."""

    room: Name


class EncryptRoom(Request[Reply], tag="encrypt_room", kw_only=True):
    """Let nothing plain into a room any more; for its creator."""

    room: Name


class ShowHistory(Request[Reply], tag="show_history", kw_only=True):
    """Let who joins a room read what was written before, or not; for its creator.

    The server keeps the setting; members' clients give the keys.
    """

    room: Name
    shown: bool = True


class ListConversations(Request[Conversations], tag="conversations", kw_only=True):
    """List the conversations that one takes part in, in pages."""

    answer = Conversations
    after: Number = 0


class GetHistory(Request[History], tag="history", kw_only=True):
    """Read a conversation by number: what comes after `after`, or the last before `before`."""

    answer = History
    conversation: Name
    after: Number | None = None
    before: Number | None = None
    limit: Number = 100


class Mark(Request[Reply], tag="mark", kw_only=True):
    """Say up to which number one has got and read a conversation; marks never go back."""

    conversation: Name
    delivered: Number = 0
    read: Number = 0


class Typing(Request[Reply], tag="typing", kw_only=True):
    """Say that one is writing (`stopped`: no longer); never stored."""

    to: Name
    stopped: bool = False


class Search(Request[People], tag="search", kw_only=True):
    """Find users by the start of a name."""

    answer = People
    prefix: Name


class Whois(Request[People], tag="whois", kw_only=True):
    """Ask about one user."""

    answer = People
    account_name: Name


class ListLogins(Request[Logins], tag="logins", kw_only=True):
    """List one's own logins."""

    answer = Logins


class PublishKeys(Request[Published], tag="publish", kw_only=True):
    """Publish what others need to encrypt for this device: Matrix's JSON, signed by the device.

    The one-time keys are those that the server has not got yet, by their ids; with `replace` those
    that nobody has claimed are forgotten. `identity` is that of the account, which is not replaced
    but by a `reset`: that forgets the keys that were backed up.
    """

    answer = Published
    device_keys: dict[str, Any] | None = None
    identity: dict[str, Any] | None = None
    reset: bool = False
    one_time_keys: dict[str, Raw] = {}
    fallback_keys: dict[str, Raw] = {}
    replace: bool = False


class ListDevices(Request[Devices], tag="devices", kw_only=True):
    """List the devices that a message to a conversation has to be sealed for."""

    answer = Devices
    conversation: Name


class ClaimKeys(Request[Claimed], tag="claim", kw_only=True):
    """Take a one-time key of each of these devices, to begin a session with it."""

    answer = Claimed
    devices: list[DeviceName]


class ToDevice(Request[Reply], tag="to_device", kw_only=True):
    """Hand sealed letters to single devices; answered when they are committed."""

    letters: list[Letter]


class Inbox(Request[Letters], tag="inbox", kw_only=True):
    """Fetch the letters to this device after a number; what came before is forgotten."""

    answer = Letters
    after: Number = 0


class BackUpKeys(Request[Reply], tag="backup", kw_only=True):
    """Have the server keep keys of sessions for the account's other devices, sealed.

    What is there by the names in `forget` is forgotten before. For a little that `is_urgent` there
    is room where there is none for more keys.
    """

    keys: dict[Word, str]
    forget: list[Word] = []
    is_urgent: bool = False


class RestoreKeys(Request[BackedUp], tag="restore", kw_only=True):
    """Fetch what was backed up, in pages: everything, or what has one of the `names`.

    What is called by a name, a space and something else has that name, too.
    """

    answer = BackedUp
    after: Word = ""
    names: list[Word] = []


class ListOwnDevices(Request[OwnDevices], tag="own_devices", kw_only=True):
    """List one's own devices."""

    answer = OwnDevices


class ForgetDevice(Request[Reply], tag="forget_device", kw_only=True):
    """Remove one of one's own devices: it is logged out, and nothing is sealed for it any more."""

    device: Word


AnyRequest = (
    Authenticate | Scram | Presence | Register | Password | Logout | Quit | SendMessage
    | GetContacts | AddContact | DelContact | Join | Leave | ListRooms | Members | Topic | Kick
    | Invite | CloseRoom | ListConversations | GetHistory | Mark | Typing | Search | Whois
    | ListLogins | PublishKeys | ListDevices | ClaimKeys | ToDevice | Inbox | BackUpKeys
    | RestoreKeys | ListOwnDevices | ForgetDevice | EncryptRoom
    | ShowHistory
)  # fmt: skip


class Confirmation(Request[Reply], kw_only=True):
    """What some clients answer to each message: an object with `response`, and no `action`."""


Incoming = AnyRequest | Confirmation
REFERENCE = (
    Authenticate, Presence, SendMessage, Join, Leave, GetContacts, AddContact, DelContact, Quit,
)  # fmt: skip
"""What every JIM server knows, also one that has none of our extensions."""
