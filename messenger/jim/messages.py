"""Messages on the wire: sending, receiving, typing, receipts."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name, Number


class Stored(Reply):
    """The reply to `msg`: the number of the message in its conversation."""

    seq: Number = 0


# `gc=False`: decoded JSON has no cycles, so the collector need not look at these.
class SendMessage(Request[Stored], tag="msg", kw_only=True, gc=False):
    """Send a message to a person or a room.

    From a client with the feature `numbers`, `id` is the message's own, unique for its sender and
    best growing with time (UUIDv7): a message that is sent again is stored once. An encrypted
    message has in `devices` the version of the device list that it was encrypted for.

    Many messages may be on their way at once: with `after`, the `id` of the message that this
    client has sent before it to the same conversation, on the same connection, it is refused as
    OutOfOrder unless that one was stored.
    """

    answer = Stored
    nul_allowed = Request.nul_allowed | {"message"}
    to: Annotated[str, Meta(max_length=250)]
    message: str
    from_: str | UnsetType = field(name="from", default=UNSET)
    encoding: str | UnsetType = UNSET
    devices: str | UnsetType = UNSET
    after: str | UnsetType = UNSET

    # A representation may reach a log, where no text of a user belongs.
    def __repr__(self) -> str:
        return f"SendMessage(to={self.to!r})"


UNDECODABLE = "undecodable"
"""The `encoding` of the placeholder for a message that a client cannot decode."""


class Message(Struct, tag_field="action", tag="msg", omit_defaults=True):
    """A message as its recipients get it.

    `to` is a room or, in a direct chat, one of the two people. `time` is when its sender says it
    was written, `stored` when the server committed it, both unix time; `seq` and the fields after
    it go to clients with the feature `numbers`.
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


class SendReceipt(Request[Reply], tag="receipt", kw_only=True):
    """Report up to which number the user has received and read; receipts never go back."""

    conversation: Name
    delivered: Number = 0
    read: Number = 0


class ReceiptChanged(Event, tag="receipt", kw_only=True):
    """Somebody has received and read a conversation up to these numbers."""

    conversation: str
    from_: str = field(name="from")
    delivered: Number = 0
    read: Number = 0


class Typing(Request[Reply], tag="typing", kw_only=True):
    """Report that the user is typing (`stopped`: no longer); never stored."""

    to: Name
    stopped: bool = False


class TypingNotice(Event, tag="typing", kw_only=True):
    """Somebody is typing in a conversation, or has stopped."""

    conversation: str
    from_: str = field(name="from")
    stopped: bool = False
