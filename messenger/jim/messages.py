"""One typed message for each action and reply; the wire's oddities end here.

Requests and events are told apart by `action`, replies by `response`. Unknown keys are ignored,
and missing optional ones have a default, so every later addition is a new optional key.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from messenger.jim.errors import BadRequest, BrokenStream, ProtocolError

VERSION = 2
"""The version of the extension that a greeting names in `jim`."""

NUMBERS = "numbers"
"""Feature: messages carry `seq`, and an `id` sent twice is stored once."""
EVENTS = "events"
"""Feature: the server tells about contacts, rooms, typing and marks."""
FEATURES = (NUMBERS, EVENTS)

RequestId = str | int


class Device(Struct, omit_defaults=True):
    """One of an account's programs: `id` is its own, random and lasting."""

    id: str = ""
    name: str = ""
    program: str = ""
    version: str = ""


class User(Struct, omit_defaults=True):
    """The `user` of a greeting; a `token` from an earlier login stands for the password."""

    account_name: str = ""
    client_name: str = ""
    password: str | None = None
    token: str | None = None
    status: str = ""

    @property
    def name(self) -> str:
        """The account's name, however the client spells the key."""
        return self.account_name or self.client_name

    def __repr__(self) -> str:
        return f"User({self.name!r})"


# --- replies -----------------------------------------------------------------------------------


class Reply(Struct, omit_defaults=True):
    """The answer to one request; `time` is the server's, unix time in seconds.

    `retry_after` (seconds) goes with refusals that time heals.
    """

    response: int | str
    time: float = 0
    alert: str | None = None
    error: str | None = None
    id: RequestId | None = None
    retry_after: float | None = None

    @property
    def code(self) -> int:
        """`response` as a number: a few clients and one answer have it as a string."""
        return int(self.response)


class Limits(Struct):
    """What the server accepts: sizes in bytes, lengths in characters."""

    object: int
    text: int
    room_members: int


class Welcome(Reply):
    """The answer to a greeting (`authenticate` or `presence`) that named features."""

    jim: int = 0
    features: Sequence[str] = ()
    limits: Limits | None = None
    account_name: str = ""
    guest: bool = False
    token: str | None = None
    server: str = ""


class Stored(Reply):
    """The answer to `msg`: the number that the message has in its conversation."""

    seq: int = 0


class Person(Struct, omit_defaults=True):
    """What one user may know of another; `last_seen` is unix time."""

    account_name: str
    guest: bool = False
    state: Literal["online", "away", "offline"] = "offline"
    status: str = ""
    last_seen: float | None = None


class People(Reply):
    """The answer to `search`, `members`, `whois` and, with `contacts`, to `get_contacts`."""

    people: list[Person] = []
    contacts: list[str] | None = None


class Room(Struct, omit_defaults=True):
    """A room as the list shows it."""

    room: str
    topic: str = ""
    creator: str = ""
    members: int = 0
    joined: bool = False


class Rooms(Reply):
    """The answer to `rooms`; `next` is the `after` of the next page, if there is one."""

    rooms: list[Room] = []
    next: str | None = None


class Summary(Struct, omit_defaults=True):
    """Where a reader stands in a conversation: its last number and the reader's own marks."""

    conversation: str
    last: int = 0
    delivered: int = 0
    read: int = 0
    unread: int = 0
    time: float = 0
    topic: str = ""
    guest: bool = False


class Conversations(Reply):
    """The answer to `conversations`; `next` is the `after` of the next page, if there is one."""

    conversations: list[Summary] = []
    next: int | None = None


class Message(Struct, tag_field="action", tag="msg", omit_defaults=True):
    """A message as its reader gets it.

    `to` is a room or, in a direct chat, one of the two people. `time` is when its sender says it
    was written, `stored` when the server committed it, both unix time; `seq` and what follows go
    to clients that asked for numbers.
    """

    time: float
    to: str
    from_: str = field(name="from")
    message: str
    encoding: str = "utf-8"
    seq: int = 0
    id: str | None = None
    stored: float = 0
    guest: bool = False

    def conversation(self, me: str) -> str:
        """Return the name of the conversation as `me` knows it: the room or the other person."""
        return self.from_ if self.to == me else self.to

    def __repr__(self) -> str:
        return f"Message({self.from_!r} -> {self.to!r}, seq={self.seq})"


class History(Reply):
    """The answer to `history`: messages by rising number, and the conversation's last number."""

    conversation: str = ""
    messages: list[Message] = []
    last: int = 0


class HistoryFrames(Reply):
    """History as the server writes it: each message is a frame that is encoded already."""

    conversation: str = ""
    messages: list[Raw] = []
    last: int = 0


class Login(Struct, omit_defaults=True):
    """One login of an account: unix time, IP address and program."""

    time: float
    address: str
    program: str = ""


class Logins(Reply):
    """The answer to `logins`, the latest first."""

    logins: list[Login] = []


AnswerType = TypeVar("AnswerType", bound=Reply)


# --- requests ----------------------------------------------------------------------------------


class Request(Struct, Generic[AnswerType], tag_field="action", kw_only=True, omit_defaults=True):
    """What every request has: anything may stand in `time`; `id` is repeated in the reply.

    `answer` is the type of the reply of success.
    """

    answer: ClassVar[type[Reply]] = Reply
    time: Any = None
    id: RequestId | None = None


class Greeting(Request[Welcome], kw_only=True):
    """What a client says of itself when it comes; `jim` and `features` ask for the extension."""

    answer = Welcome
    jim: int = 0
    features: list[str] = []
    device: Device | None = None
    user: User


class Authenticate(Greeting, tag="authenticate", kw_only=True):
    """Log in with a password, or with the token of an earlier login."""


class Presence(Greeting, tag="presence", kw_only=True):
    """Say that one is here (`type` "away": that one is not), or answer a probe."""

    type: str | None = None


class Register(Request[Reply], tag="register", kw_only=True):
    """Make an account; `invite` is the token of an invitation."""

    user: User
    invite: str | None = None

    def __repr__(self) -> str:
        return f"Register({self.user!r})"


class Password(Request[Reply], tag="password", kw_only=True):
    """Change one's password."""

    old: str
    new: str

    def __repr__(self) -> str:
        return "Password()"


class Logout(Request[Reply], tag="logout", kw_only=True):
    """End the session for good: its token is no longer accepted."""


class Quit(Request[Reply], tag="quit", kw_only=True):
    """Say goodbye; the server closes the link."""


class SendMessage(Request[Stored], tag="msg", kw_only=True, gc=False):
    """Write to a person or a room.

    From a client that asked for numbers, `id` is the message's own, unique for its sender and
    best growing with time (UUIDv7): sent again, it is stored once.
    """

    answer = Stored
    to: str
    message: str
    from_: str | UnsetType = field(name="from", default=UNSET)
    encoding: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"SendMessage(to={self.to!r})"


class GetContacts(Request[People], tag="get_contacts", kw_only=True):
    """List one's contacts."""

    answer = People
    user_login: str | None = None


class AddContact(Request[Reply], tag="add_contact", kw_only=True):
    """Add a contact."""

    user_id: str
    user_login: str | None = None


class DelContact(Request[Reply], tag="del_contact", kw_only=True):
    """Remove a contact."""

    user_id: str
    user_login: str | None = None


class Join(Request[Reply], tag="join", kw_only=True):
    """Become a member of a room, which is made if there is none of that name."""

    room: str


class Leave(Request[Reply], tag="leave", kw_only=True):
    """Give up one's membership."""

    room: str


class ListRooms(Request[Rooms], tag="rooms", kw_only=True):
    """List the rooms by name, in pages; `joined` only one's own."""

    answer = Rooms
    joined: bool = False
    after: str = ""


class Members(Request[People], tag="members", kw_only=True):
    """List the members of a room, or of the common chat: who is online."""

    answer = People
    room: str


class Topic(Request[Reply], tag="topic", kw_only=True):
    """Set a room's topic."""

    room: str
    topic: str


class Kick(Request[Reply], tag="kick", kw_only=True):
    """Remove a member, `ban` for good; for the room's creator."""

    room: str
    account_name: str
    ban: bool = False


class Invite(Request[Reply], tag="invite", kw_only=True):
    """Tell a user of a room that one is a member of, and end a ban."""

    room: str
    account_name: str


class CloseRoom(Request[Reply], tag="close_room", kw_only=True):
    """Close a room for good; for its creator."""

    room: str


class ListConversations(Request[Conversations], tag="conversations", kw_only=True):
    """List the conversations that one takes part in, in pages."""

    answer = Conversations
    after: int = 0


class GetHistory(Request[History], tag="history", kw_only=True):
    """Read a conversation by number: what comes after `after`, or the last before `before`."""

    answer = History
    conversation: str
    after: int | None = None
    before: int | None = None
    limit: int = 100


class Mark(Request[Reply], tag="mark", kw_only=True):
    """Say up to which number one has got and read a conversation; marks never go back."""

    conversation: str
    delivered: int = 0
    read: int = 0


class Typing(Request[Reply], tag="typing", kw_only=True):
    """Say that one is writing (`stopped`: no longer); never stored."""

    to: str
    stopped: bool = False


class Search(Request[People], tag="search", kw_only=True):
    """Find users by the start of a name."""

    answer = People
    prefix: str


class Whois(Request[People], tag="whois", kw_only=True):
    """Ask about one user."""

    answer = People
    account_name: str


class ListLogins(Request[Logins], tag="logins", kw_only=True):
    """List one's own logins."""

    answer = Logins


AnyRequest = (
    Authenticate | Presence | Register | Password | Logout | Quit | SendMessage | GetContacts
    | AddContact | DelContact | Join | Leave | ListRooms | Members | Topic | Kick | Invite
    | CloseRoom | ListConversations | GetHistory | Mark | Typing | Search | Whois | ListLogins
)  # fmt: skip


# --- events ------------------------------------------------------------------------------------


class Event(Struct, tag_field="action", kw_only=True, omit_defaults=True):
    """What the server says unasked, to clients that asked for events."""

    time: float = 0


class Probe(Event, tag="probe", kw_only=True):
    """The server asks whether the client is there: it answers with a presence."""


class ContactChanged(Event, tag="contact", kw_only=True):
    """A contact came, went, or changed the status."""

    person: Person


class TypingNotice(Event, tag="typing", kw_only=True):
    """Somebody is writing in a conversation, or has stopped."""

    conversation: str
    from_: str = field(name="from")
    stopped: bool = False


class Marked(Event, tag="marked", kw_only=True):
    """A reader got and read a conversation up to these numbers."""

    conversation: str
    from_: str = field(name="from")
    delivered: int = 0
    read: int = 0


class RoomChanged(Event, tag="room", kw_only=True):
    """A room changed: who joined, left, was removed or invited; its topic; its end."""

    room: str
    change: Literal["joined", "left", "removed", "invited", "topic", "closed"]
    account_name: str = ""
    topic: str = ""


AnyEvent = Message | Probe | ContactChanged | TypingNotice | Marked | RoomChanged


# --- bytes -------------------------------------------------------------------------------------

encode = msgspec.json.encode
_requests: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class _Outline(Struct):
    """As much of an object as tells what it is."""

    action: Any = None
    response: Any = None
    id: Any = None


_outline = msgspec.json.Decoder(_Outline)


def decode_request(frame: bytes) -> AnyRequest:
    """Return the request that the frame holds.

    Raises BadRequest where the link can go on, BrokenStream where the frame is no JSON.
    """
    try:
        return _requests.decode(frame)
    except msgspec.ValidationError as error:
        raise _bad_request(frame, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenStream(f"This is not JSON in UTF-8: {error}") from error


def request_id(frame: bytes) -> RequestId | None:
    """Return the `id` of a request that could not be decoded, to repeat it in the refusal."""
    try:
        found = _outline.decode(frame).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def decode_incoming(frame: bytes) -> AnyEvent | bytes:
    """Return the event that the server sent, or the frame itself where it is a reply.

    Unknown events raise BadRequest: a client ignores them. Raises BrokenStream as
    `decode_request` does.
    """
    try:
        if _outline.decode(frame).response is not None:
            return frame
        return _events.decode(frame)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenStream(f"This is not JSON in UTF-8: {error}") from error


def decode_reply(frame: bytes, answer: type[AnswerType]) -> AnswerType:
    """Return the reply; raises BadRequest if it is not of the type that the request names."""
    try:
        return msgspec.json.decode(frame, type=answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The server's answer is not understood: {error}") from error


def refusal(error: ProtocolError) -> Reply:
    """Return the reply that tells the peer of the error."""
    return Reply(int(error.code), error=error.text, retry_after=error.retry_after)


def _bad_request(frame: bytes, reason: str) -> BadRequest:
    try:
        action = _outline.decode(frame).action
    except msgspec.ValidationError:
        action = None
    if not isinstance(action, str):
        return BadRequest('A request is an object with "action", a string of JIM')
    if reason.endswith("`$.action`"):
        expected = '{"action": "msg", "time": ..., "to": "name or #room", "message": "text"}'
        return BadRequest(f"Unknown action {action[:15]!r}; a message, say, is {expected}")
    return BadRequest(f"{action}: {reason}")
