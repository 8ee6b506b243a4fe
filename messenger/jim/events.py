"""What the server says unasked; but for `msg` and `probe` only to clients that asked for events."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.fields import Number
from messenger.jim.keys import ReceivedLetter
from messenger.jim.replies import Message, Person


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
    delivered: Number = 0
    read: Number = 0


class RoomChanged(Event, tag="room", kw_only=True):
    """A room changed: who joined, left, was removed or invited; its topic, encryption, end.

    `account_name` is who did it, for `creator` whose the room is from now on; an empty `topic` has
    been cleared. `history` is `shown` to those who join, or not. Who `joined` is told the room's
    `unique_id`, which another room of the same name does not have.
    """

    room: str
    change: Literal[
        "joined", "left", "removed", "invited", "topic", "closed", "encrypted", "history", "creator"
    ]
    account_name: str = ""
    topic: str = ""
    shown: bool = False
    unique_id: str = ""


class LetterArrived(Event, tag="to_device", kw_only=True):
    """A letter from another device, to this one alone."""

    letter: ReceivedLetter


AnyEvent = (
    Message | Probe | ContactChanged | TypingNotice | Marked | RoomChanged | LetterArrived
)  # fmt: skip
