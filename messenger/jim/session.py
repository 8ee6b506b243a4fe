"""Sessions on the wire: greeting, login, presence, features of the extension."""

from collections.abc import Sequence

from msgspec import Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name, Number, Word

VERSION = 2
"""The version of the extension that a greeting names in `jim`."""

NUMBERS = "numbers"
"""Feature: messages carry `seq`, and an `id` sent twice is stored once."""

ORDER = "order"
"""Feature: a message may name in `after` the one before it, without which it is refused."""

EVENTS = "events"
"""Feature: the server sends events about contacts, rooms, typing and receipts."""

ENCRYPTION = "encryption"
"""Feature: the device has keys, and receives to-device messages."""

FEATURES = (NUMBERS, ORDER, EVENTS, ENCRYPTION)

EPHEMERAL = "~"
"""Prefix of an ephemeral device's id: its keys end with its program, and it never returns."""


class DeviceInfo(Struct, omit_defaults=True):
    """A device of an account; its `id` is random and lasting."""

    id: Word = ""
    name: Word = ""
    program: Word = ""
    version: Word = ""


class User(Struct, omit_defaults=True):
    """The `user` of a greeting; a `token` from an earlier login replaces the password."""

    # Some clients write `client_name` instead, so neither is required.
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


class SizeLimits(Struct):
    """What the server accepts: sizes in bytes, lengths in characters."""

    object: Number
    text: Number
    room_members: Number


class Welcome(Reply):
    """The reply to a greeting (`authenticate` or `presence`) that named features.

    `server` is its program; its `name` and `description` are for people. A login gets the
    `message_of_the_day`, too. `log` is the id of the log of messages: another one since the server
    was restored from a backup.
    """

    jim: Number = 0
    features: Sequence[str] = ()
    limits: SizeLimits | None = None
    account_name: str = ""
    guest: bool = False
    token: str | None = None
    server: str = ""
    data: str | None = None
    name: str = ""
    description: str = ""
    message_of_the_day: str = ""
    log: str = ""


class ScramReply(Welcome):
    """The reply to a step of `scram`: a challenge, then a welcome with the server's own proof.

    SCRAM's messages are in `data`; `memory` is in KiB.
    """

    time_cost: Number = 0
    memory: Number = 0
    parallelism: Number = 0


class Greeting(Request[Welcome], kw_only=True):
    """Base of the greetings, which a client sends first; `jim` and `features` ask for extensions.

    `lang` (BCP 47) is the language of error texts.
    """

    answer = Welcome
    lang: str = "en"
    jim: Number = 0
    features: list[str] = field(default_factory=list)
    device: DeviceInfo | None = None
    user: User


class Authenticate(Greeting, tag="authenticate", kw_only=True):
    """Log in with a password, or with the token of an earlier login."""


class Scram(Greeting, tag="scram", kw_only=True):
    """Log in by SCRAM-SHA-256-PLUS, in two steps: each carries a message of it in `data`.

    The password is stretched by Argon2id at the cost that the reply to the first step names. If
    that is outdated, the second step has a new `verifier`, which replaces the stored one.
    """

    answer = ScramReply
    data: str
    verifier: str | None = None


class Presence(Greeting, tag="presence", kw_only=True):
    """Report that the user is online (`type` "away": is away), or answer a probe."""

    type: str | None = None


class Quit(Request[Reply], tag="quit", kw_only=True):
    """Say goodbye; the server closes the connection."""


class Probe(Event, tag="probe", kw_only=True):
    """The server asks whether the client is alive, which answers with a presence."""
