"""The server's state in memory, as plain data: conversations, accounts and their sessions."""

import itertools
import time
from collections import deque
from typing import Literal, NamedTuple

from messenger.crypto.scram import ServerExchange
from messenger.jim.contacts import Person
from messenger.jim.devices import AccountKeys, DeviceKeys
from messenger.jim.framing import Framer
from messenger.server.connection import Connection
from messenger.server.rate_limits import TokenBucket, origin
from messenger.server.store.accounts import AccountRow
from messenger.server.store.conversations import ConversationRow
from messenger.server.store.messages import first_key

_session_numbers = itertools.count(1)


class DeviceList(NamedTuple):
    """The devices of a conversation by (account, device_id), and `plain`, the members without any.

    `identities` are the identities of the accounts, which sign the devices.
    """

    version: str
    devices: dict[tuple[str, str], DeviceKeys]
    plain: frozenset[str]
    identities: dict[str, AccountKeys]


class Conversation:
    """A direct chat, a room or the common chat; flat and with slots, as each message reads it.

    `last_assigned` is the last number that the journal has assigned (only its thread uses it),
    `last_committed` the last that can be read. A direct chat has a `pair` of names; its
    `subscribers` are the cache of `Online.sessions_of`: call that. The creator of a room
    (`creator_id`, and the name) has rights in it. An `encrypted` one accepts only encrypted
    messages; with `history` it shows earlier messages to new members. Rooms of the same name have
    different `unique_id`s; rooms of older versions have none. `device_list` is None after a change
    (`changes` counts them) until it is requested; `previous_device_list` is the one before.
    `known_changes` is the number of changes in the database that are in memory; -1 if unknown.
    """

    __slots__ = (
        "__weakref__",  # for `Conversations`
        "changes",
        "creator",
        "creator_id",
        "device_list",
        "encrypted",
        "first_key",
        "history",
        "id",
        "known_changes",
        "last_assigned",
        "last_committed",
        "name",
        "pair",
        "previous_device_list",
        "subscribers",
        "subscribers_as_of",
        "topic",
        "unique_id",
    )

    def __init__(self, row: ConversationRow, pair: tuple[str, str] | None = None) -> None:
        self.id = row.id
        self.first_key = first_key(row.id)
        self.name = row.room or ""
        self.pair = pair
        self.last_assigned = self.last_committed = row.last
        self.topic = row.topic
        self.creator_id = row.creator_id
        self.creator = row.creator
        self.encrypted = bool(row.encrypted)
        self.history = bool(row.history)
        self.unique_id = row.unique_id or ""
        self.subscribers: dict[Session, None] = {}
        self.subscribers_as_of = -1
        self.changes = 0
        self.known_changes = row.changes
        self.device_list: DeviceList | None = None
        self.previous_device_list: DeviceList | None = None

    def name_for(self, account_name: str) -> str:
        """Return the conversation's name for a participant: the room, or the other person."""
        if self.pair is None:
            return self.name
        return self.pair[1] if self.pair[0] == account_name else self.pair[0]


class Proving(NamedTuple):
    """A SCRAM exchange between its two steps; `row` is None for an unknown name."""

    exchange: ServerExchange
    row: AccountRow | None


class Account:
    """A registered account or a guest that is online.

    A guest has an `id` once something of it has to be stored. `routes` caches the conversations
    that it has written to, by the name in `to`; `buckets` count its requests, by rate.
    `roles` allow actions that not every account may do. `blocked` are the names that it has
    blocked, `blocked_by` the accounts that have blocked it.
    """

    __slots__ = (
        "blocked",
        "blocked_by",
        "buckets",
        "guest",
        "id",
        "name",
        "roles",
        "rooms",
        "routes",
        "sessions",
        "state",
        "status",
        "watchers",
    )

    def __init__(self, name: str, account_id: int | None, *, guest: bool) -> None:
        self.name = name
        self.id = account_id
        self.guest = guest
        self.sessions: list[Session] = []
        self.rooms: dict[str, Conversation] = {}
        self.routes: dict[str, Conversation] = {}
        self.watchers: set[str] = set()
        self.state: Literal["online", "away"] = "online"
        self.status = ""
        self.roles: frozenset[str] = frozenset()
        self.buckets: dict[str, TokenBucket] = {}
        self.blocked: set[str] = set()
        self.blocked_by: set[str] = set()

    def is_apart_from(self, name: str) -> bool:
        """Tell whether a block is between this account and another name, whoever made it."""
        return name in self.blocked or name in self.blocked_by

    def as_person(self) -> Person:
        """Return the public part of the account."""
        return Person(self.name, guest=self.guest, state=self.state, status=self.status)


class Session:
    """The state of one connection; `account` is None until it is logged in.

    It is flat and has slots: each message reads it, and there are as many as connections.

    That of an operator (`is_operator`), at the server's own socket or by the token of the window
    beside it, never has an account, and may do all that an administrator may, but nothing else.

    `number` tells it from all others since the start. Limits count `address` as `origin`.
    `token_hash` is that of the token with which the session has logged in, or which it got:
    programs of one device share it.

    `outstanding` counts messages that wait for their commit. `inbox` holds requests that wait for
    an earlier answer; `busy` says that a request is being handled, `waiting` that others are to be
    resumed after it, `is_counted` that the first in `inbox` was counted by its rate limit.
    `language` (BCP 47) is that of errors and alerts.

    `behind` is None while messages are sent live; on a connection that is too slow (or a new one)
    it has the number in each conversation after which to feed it from the log. `delivered` are the
    numbers that a plain client was sent: it sends no receipts itself.

    `last_sent` has the id of the last message that it has sent to a conversation (by the first key
    of that); only the journal's thread uses it. `is_turned_back` says that messages on their way to
    the log come back, to be checked again: the thread sets it, the loop ends it once all are back.
    `sent_messages` and `sent_bytes` count what it has stored since the statistics gathered them.
    """

    __slots__ = (
        "__weakref__",
        "account",
        "address",
        "behind",
        "busy",
        "connection",
        "delivered",
        "device",
        "events",
        "framer",
        "greeted",
        "heard",
        "inbox",
        "is_counted",
        "is_operator",
        "is_turned_back",
        "language",
        "last_sent",
        "logged_in_at",
        "number",
        "numbers",
        "origin",
        "outstanding",
        "probed",
        "probes",
        "program",
        "proving",
        "receives_to_device",
        "sent_bytes",
        "sent_messages",
        "to_device_due",
        "token_hash",
        "waiting",
    )

    def __init__(self, connection: Connection, address: str, object_size: int) -> None:
        self.connection = connection
        self.number = next(_session_numbers)
        self.address = address
        self.origin = origin(address)
        self.framer = Framer(object_size)
        self.account: Account | None = None
        self.device = ""
        self.program = ""
        self.language = "en"
        self.greeted = False
        self.numbers = False
        self.events = False
        self.receives_to_device = False
        self.to_device_due = b""
        self.outstanding = 0
        self.busy = False
        self.waiting = False
        self.inbox: deque[bytes] | None = None
        self.is_counted = False
        self.is_turned_back = False
        self.is_operator = False
        self.behind: dict[Conversation, int] | None = None
        self.delivered: dict[Conversation, int] | None = None
        self.last_sent: dict[int, str | None] = {}
        self.sent_messages = 0
        self.sent_bytes = 0
        self.logged_in_at = 0.0
        self.heard = time.monotonic()
        self.probes = 0
        self.probed = 0.0
        self.proving: Proving | None = None
        self.token_hash: bytes | None = None

    def __repr__(self) -> str:
        who = self.account.name if self.account else "nobody yet"
        return f"<Session {who} {self.address}>"
