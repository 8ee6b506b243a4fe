"""What the server answers, and what answers are made of."""

import ast
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct, field

from messenger.jim.fields import Number, RequestId

Response = Annotated[int, Meta(ge=0, lt=1000)] | Annotated[str, Meta(pattern="^[0-9]{3}$")]
Pause = Annotated[float, Meta(ge=0, le=10**6)]
"""Seconds that a client may well wait."""


class Reply(Struct, omit_defaults=True):
    """The answer to one request; `time` is the server's, unix time in seconds.

    `retry_after` (seconds) goes with refusals that time heals; `kind` tells programs what a refusal
    is about, where its code does not.
    """

    response: Response
    time: float = 0
    alert: str | None = None
    error: str | None = None
    id: RequestId | None = None
    retry_after: Pause | None = None
    kind: str | None = None

    @property
    def code(self) -> int:
        """`response` as a number: a few clients and one answer have it as a string."""
        return int(self.response)


class Limits(Struct):
    """What the server accepts: sizes in bytes, lengths in characters."""

    object: Number
    text: Number
    room_members: Number


class Welcome(Reply):
    """The answer to a greeting (`authenticate` or `presence`) that named features."""

    jim: Number = 0
    features: Sequence[str] = ()
    limits: Limits | None = None
    account_name: str = ""
    guest: bool = False
    token: str | None = None
    server: str = ""
    data: str | None = None


class Challenge(Welcome):
    """The answer to a step of `scram`: a challenge, then a welcome with the server's own proof.

    SCRAM's messages are in `data`; `memory` is in KiB.
    """

    time_cost: Number = 0
    memory: Number = 0
    parallelism: Number = 0


class Stored(Reply):
    """The answer to `msg`: the number that the message has in its conversation."""

    seq: Number = 0


class Joined(Reply):
    """The answer to `join`: whether the room was made by it, and whether it is encrypted only."""

    made: bool = False
    encrypted: bool = False


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


def listed_in(alert: str | None) -> list[str]:
    """Return the names of a list that a plain server has written into a string."""
    try:
        found = ast.literal_eval(alert or "")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


class Room(Struct, omit_defaults=True):
    """A room as the list shows it."""

    room: str
    topic: str = ""
    creator: str = ""
    members: Number = 0
    joined: bool = False
    unique_id: str = ""


class Rooms(Reply):
    """The answer to `rooms`; `next` is the `after` of the next page, if there is one."""

    rooms: list[Room] = []
    next: str | None = None


class Summary(Struct, omit_defaults=True):
    """Where a reader stands in a conversation: its last number and the reader's own marks.

    A room that is `encrypted` takes nothing plain; one with `history` shows it to those who join.
    """

    conversation: str
    last: Number = 0
    delivered: Number = 0
    read: Number = 0
    unread: Number = 0
    time: float = 0
    topic: str = ""
    guest: bool = False
    encrypted: bool = False
    history: bool = False
    unique_id: str = ""


class Conversations(Reply):
    """The answer to `conversations`; `next` is the `after` of the next page, if there is one."""

    conversations: list[Summary] = []
    next: Number | None = None


UNDECODABLE = "undecodable"
"""The `encoding` of a message that a client has put in the place of one that it cannot decode."""


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
    seq: Number = 0
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
    last: Number = 0


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
