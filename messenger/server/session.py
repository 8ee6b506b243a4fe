"""Sessions: one connection each, logged in for one device of one account; and who is online."""

import time
from collections import deque
from collections.abc import Iterable
from typing import Literal, NamedTuple

from messenger.crypto.scram import ServerExchange
from messenger.jim.framing import Framer
from messenger.jim.lookalikes import looks
from messenger.jim.replies import Person
from messenger.server.connection import Connection
from messenger.server.conversations import Conversation
from messenger.server.rate_limits import TokenBucket, origin
from messenger.server.store.accounts import AccountRow


class Proving(NamedTuple):
    """A proof of a password between its two steps; `row` is None for a name that nobody has."""

    exchange: ServerExchange
    row: AccountRow | None


class Account:
    """Somebody who is online, a registered account or a guest.

    A guest has an `id` once something of him has to be stored. `routes` are the conversations
    that have been written to, by the name in `to`; `buckets` count its requests by their rates.
    `roles` allow actions that not everybody may do; nobody has one yet.
    """

    __slots__ = (
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

    def as_person(self) -> Person:
        """Return what others may see."""
        return Person(self.name, guest=self.guest, state=self.state, status=self.status)


class Session:
    """One connection and what it stands for; `account` is None until it is logged in.

    `address` counts as `origin` for limits. `token_hash` is of the token that the session has
    logged in with, or has been given: programs of one device share it.

    `outstanding` counts messages on their way into the log. `inbox` holds requests that wait for
    the answer to an earlier one, which is `busy`; `waiting` says that there is something to go on
    with. `language` (BCP 47) is that of errors.

    `behind` is None on a connection that takes everything at once; on one that is too slow (or has
    just come) it says after which number of each conversation it has to be fed from the log.
    `passed` are the numbers that a plain client was handed: for want of marks of its own they are
    those.
    """

    __slots__ = (
        "__weakref__",
        "account",
        "address",
        "behind",
        "busy",
        "connection",
        "device",
        "events",
        "framer",
        "greeted",
        "heard",
        "inbox",
        "language",
        "letter_due",
        "letters",
        "logged_in_at",
        "numbers",
        "origin",
        "outstanding",
        "passed",
        "probed",
        "probes",
        "proving",
        "token_hash",
        "waiting",
    )

    def __init__(self, connection: Connection, address: str, object_size: int) -> None:
        self.connection = connection
        self.address = address
        self.origin = origin(address)
        self.framer = Framer(object_size)
        self.account: Account | None = None
        self.device = ""
        self.language = "en"
        self.greeted = False
        self.numbers = False
        self.events = False
        self.letters = False
        self.letter_due = b""
        self.outstanding = 0
        self.busy = False
        self.waiting = False
        self.inbox: deque[bytes] | None = None
        self.behind: dict[Conversation, int] | None = None
        self.passed: dict[Conversation, int] | None = None
        self.logged_in_at = 0.0
        self.heard = time.monotonic()
        self.probes = 0
        self.probed = 0.0
        self.proving: Proving | None = None
        self.token_hash: bytes | None = None

    def __repr__(self) -> str:
        who = self.account.name if self.account else "nobody yet"
        return f"<Session {who} {self.address}>"


class Online:
    """Who is online, by name; everybody takes part in the common chat."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.everyone: Conversation | None = None
        self._guest_looks: dict[str, Account] = {}
        self._changes = 0

    def get(self, name: str) -> Account | None:
        """Return the account of that name if it is online."""
        return self.accounts.get(name)

    def add(self, session: Session, account: Account) -> bool:
        """Bring a session of the account online; tell whether it is the account's first."""
        self._changes += 1
        session.account = account
        session.logged_in_at = time.time()
        first = not account.sessions
        account.sessions.append(session)
        if first:
            self.accounts[account.name] = account
            if account.guest:
                self._guest_looks |= dict.fromkeys(looks(account.name), account)
        if self.everyone is not None:
            self.everyone.subscribers[session] = None
        for room in account.rooms.values():
            room.subscribers[session] = None
        return first

    def remove(self, session: Session) -> bool:
        """Take a session offline; tell whether it was the account's last."""
        account = session.account
        if account is None:
            return False
        self._changes += 1
        session.account = None
        account.sessions.remove(session)
        if self.everyone is not None:
            self.everyone.subscribers.pop(session, None)
        for room in account.rooms.values():
            room.subscribers.pop(session, None)
        if account.sessions:
            return False
        if self.accounts.get(account.name) is account:
            del self.accounts[account.name]
            if account.guest:
                for look in looks(account.name):
                    self._guest_looks.pop(look, None)
        return True

    def guest_like(self, name: str, *, but: Account | None) -> Account | None:
        """Return a guest whose name looks like this one; `but` is whom it does not matter for."""
        for look in looks(name):
            found = self._guest_looks.get(look)
            if found is not None and found is not but:
                return found
        return None

    def enter(self, account: Account, room: Conversation) -> None:
        """Make the account's sessions read the room."""
        account.rooms[room.name] = room
        for session in account.sessions:
            room.subscribers[session] = None

    def depart(self, account: Account, room: Conversation) -> None:
        """The account's sessions no longer read the room."""
        account.rooms.pop(room.name, None)
        account.routes.pop(room.name, None)
        for session in account.sessions:
            room.subscribers.pop(session, None)

    def sessions_of(self, conversation: Conversation) -> Iterable[Session]:
        """Return the sessions that read a conversation."""
        if conversation.pair is not None and conversation.subscribers_as_of != self._changes:
            # Looked up again only after somebody has come or gone.
            conversation.subscribers_as_of = self._changes
            accounts = (self.accounts.get(name) for name in conversation.pair)
            conversation.subscribers = {
                session: None for account in accounts if account for session in account.sessions
            }
        return conversation.subscribers

    def forget_route(self, name: str) -> None:
        """A name means somebody else from now on."""
        for account in self.accounts.values():
            account.routes.pop(name, None)
