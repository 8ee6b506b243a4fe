"""The client's state without I/O: login, contacts, resync, sending, keeping the link alive.

A shell connects sockets and tells the core what happens (`connected`, `received`,
`disconnected`, `tick`), sends what `data_to_send` returns, and passes on what `events` returns.
Time is the shell's too: `now` is monotonic, in seconds. Nothing here blocks but the local
database. A shell calls it from one thread at a time.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from messenger.jim.accounts import Logout
from messenger.jim.base import Request
from messenger.jim.codec import REFERENCE, AnyEvent
from messenger.jim.contacts import GetContacts
from messenger.jim.devices import ListOwnDevices
from messenger.jim.errors import BadRequest, DeviceRemoved, ProtocolError
from messenger.jim.messages import SendReceipt
from messenger.jim.names import EVERYONE
from messenger.jim.session import ENCRYPTION, VERSION, Presence, Probe, User, Welcome
from messenger.language import _
from messenger.sdk.changes import DevicesSeen
from messenger.sdk.encryption import Encryption
from messenger.sdk.errors import ConnectionLost, NotOnline
from messenger.sdk.events import (
    ConnectionState,
    ConversationChanged,
    CoreEvent,
    Emptiness,
    StateChanged,
)
from messenger.sdk.failures import call_each
from messenger.sdk.ids import new_id
from messenger.sdk.link import Answer, Link, OnAnswer
from messenger.sdk.login import Credentials, Login, may_pass, was_removed
from messenger.sdk.message_exchange import MessageExchange
from messenger.sdk.own_requests import completed
from messenger.sdk.people import KnownPeople
from messenger.sdk.silence import Silence
from messenger.sdk.store import Store, StoredMessage

_logger = logging.getLogger("messenger.client")


class Core:
    """One client of one server, for one account.

    Once it `gives_up` a link the shell has to close it, and to wait for `retry_after` seconds
    before the next, if the server said so. A server that knows the reference only
    `is_plain_server`, and is asked for nothing else.

    It has more methods and attributes than other classes: it is all that shells call and look at.
    """

    def __init__(self, store: Store, credentials: Credentials, *, program: str) -> None:
        self.store = store
        self.credentials = credentials
        self.state = ConnectionState.OFFLINE
        self.is_guest = False
        self.has_numbers = False
        self.is_plain_server = False
        self.presence = Presence(user=User(credentials.name))
        self._events: list[CoreEvent] = []
        self._link: Link | None = None
        self.gives_up = False
        self.retry_after: float | None = None
        self.refusal = ""
        self.error: ProtocolError | None = None
        self._was_online = False
        self._silence = Silence()
        self._program = program
        self.people = KnownPeople(store, self._events.append)
        self._was_removed = False
        self._devices_seen = DevicesSeen(store, self._events.append)
        self._become_device()

    def _become_device(self) -> None:
        """Be the device that the store is for; a new one if it is for none."""
        self._login = Login(self.store, self._program, self._request)
        self._read_store()

    def _read_store(self) -> None:
        """Have in memory what the store has, and nothing that it was to have."""
        name, device = self.credentials.name, self._login.device.id
        self._exchange = MessageExchange(
            self.store, name, device, self._request, self._devices_seen
        )

    @property
    def encryption(self) -> Encryption:
        """The end-to-end encryption: another one, once this device was removed."""
        return self._exchange.encryption

    # --- what the shell tells ------------------------------------------------------------------

    def connecting(self) -> None:
        """The shell tries to reach the server."""
        self._become(ConnectionState.CONNECTING)

    def connected(self, now: float, certificate: bytes = b"") -> None:
        """The link is there: greet. `certificate` (DER) is the server's where the link has TLS."""
        self._start_over()  # where that could not be done when the last link ended
        self._link = Link(self._on_event, self._on_notice)
        self._silence.heard(now)
        self.gives_up = False
        self.retry_after = None
        self.refusal = ""
        self._become(ConnectionState.HANDSHAKE)
        self._login.start(self.credentials, certificate, self.presence, self._on_welcome)

    def received(self, data: bytes, now: float) -> None:
        """Take bytes of the link; raises ProtocolError if the peer does not speak JIM."""
        self._silence.heard(now)
        if self._link is not None:
            self._link.receive(data)

    def disconnected(
        self, reason: str = "", retry_in: float | None = None, error: ProtocolError | None = None
    ) -> None:
        """The link is gone, or could not be made; the next try is in so many seconds."""
        link, self._link = self._link, None
        lost = ConnectionLost(_("Connection lost"))
        waiting = link.abandon() if link else []
        self.people.forget()
        self._exchange.stop()
        # Each of them waits for itself: a user's thread, perhaps.
        call_each(partial(on_answer, lost) for on_answer in waiting)
        call_each([self._start_over])
        if self.state not in (ConnectionState.REFUSED, ConnectionState.CLOSED):
            self._become(ConnectionState.OFFLINE, self.refusal or reason, retry_in, error)

    def _start_over(self) -> None:
        """Be another device, where this one was removed; go back to what the store has."""
        if self._was_removed:
            self._become_device()
            self._was_removed = False
        elif self._exchange.is_undone:
            self._read_store()

    def tick(self, now: float) -> bool:
        """Do what is due; False if the link is dead and has to be given up. Call every second."""
        if self._link is None:
            return True
        self._link.tick(now)
        if self._exchange.is_undone:
            _logger.warning("The connection is given up: the local database was not written")
            return False  # what is in memory may be ahead of it
        if self._silence.is_too_long(now) and not self.is_plain_server:
            _logger.warning("The connection is given up: the server is silent")
            return False  # a plain server may have nothing to say: TCP tells whether it is there
        if self.state is ConnectionState.ONLINE and self._silence.is_to_be_asked(now):
            self._say_presence()
        self._exchange.tick(now)
        return True

    def data_to_send(self) -> bytes:
        """Return the bytes that have to be sent now."""
        return self._link.data_to_send() if self._link else b""

    def events(self) -> list[CoreEvent]:
        """Return what has happened since the last call."""
        events, self._events[:] = self._events[:], []
        return events

    # --- what a face asks for ------------------------------------------------------------------

    def ask(self, request: Request[Any], on_answer: OnAnswer) -> None:
        """Send a request; `on_answer` gets the reply or a ProtocolError or ConnectionLost.

        Raises NotOnline if the server is away, BadRequest if it is a plain one that cannot do this.
        """
        self._check_online()
        if self.is_plain_server and not isinstance(request, REFERENCE):
            raise BadRequest("This server speaks plain JIM only: it cannot do this")
        told = self.people.told(request, on_answer)
        self._request(request, completed(request, told, self.store, self.encryption))

    def change_password(self, old: str, new: str, on_answer: OnAnswer) -> None:
        """Change the account's password; `on_answer` gets how it went. Raises NotOnline."""
        self._check_online()
        self._login.change_password(old, new, on_answer)

    def send_text(self, conversation: str, text: str, time: float) -> StoredMessage:
        """Keep a message and send it, now or when the server is there again.

        Raises TextTooLong, as far as it is known how much the server takes, and BadRequest for
        what is no text.
        """
        name = EVERYONE if conversation == "#" else conversation
        return self._exchange.outbox.add(name, self.credentials.name, text, time)

    def send_again(self, message: StoredMessage) -> StoredMessage:
        """Send a message that failed, under its old id: the server keeps it once at most."""
        return self._exchange.outbox.add_again(message)

    def mark_read(self, conversation: str) -> None:
        """Note that everything in the conversation has been read, and tell the server."""
        synced = self.store.synced(conversation)
        row = self.store.conversation(conversation)
        if row is None or row.read >= synced:
            return
        self.store.describe(conversation, read=synced, delivered=synced)
        self._events.append(ConversationChanged(conversation))
        if self.state is ConnectionState.ONLINE and self.has_numbers:
            self._request(SendReceipt(conversation=conversation, read=synced), lambda _: None)

    def fetch_older(self, conversation: str, on_done: Callable[[int], None]) -> None:
        """Fetch what is older than what is here; `on_done` gets how many messages came."""
        self._exchange.backfill.fetch_older(conversation, on_done)

    def why_empty(self, conversation: str) -> Emptiness:
        """Return why nothing of a conversation is here, where nothing is."""
        resync = self._exchange.resync
        return resync.why_empty(conversation, self.is_guest, not self.is_plain_server)

    def set_presence(self, presence: Presence) -> None:
        """Tell contacts how one is, now and whenever a link is made."""
        self.presence = presence
        if self.state is ConnectionState.ONLINE:
            self._say_presence()

    def close(self) -> None:
        """No more tries."""
        self._become(ConnectionState.CLOSED)

    # --- login ---------------------------------------------------------------------------------

    def _on_welcome(self, answer: Answer) -> None:
        if isinstance(answer, Exception):
            self._refused(answer)
        elif isinstance(answer, Welcome) and answer.jim >= VERSION:
            self._on_own_server(answer)
        else:
            self._on_plain_server()

    def _on_own_server(self, welcome: Welcome) -> None:
        self.has_numbers, self.is_plain_server = True, False
        if self._link is not None and welcome.limits is not None:
            self._link.max_object = welcome.limits.object
        self._exchange.outbox.longest_text = welcome.limits.text if welcome.limits else None
        # Not as the server says: who has shown that the account is his cannot be made a guest.
        self.is_guest = self._login.as_guest
        self._exchange.encrypts = not self.is_guest and ENCRYPTION in welcome.features
        self._exchange.note_oneself(guest=self.is_guest)
        self._request(GetContacts(user_login=self.credentials.name), self._on_contacts)

    def _on_plain_server(self) -> None:
        """Be online at once: such a server may never answer the next request."""
        self.has_numbers, self.is_plain_server = False, True
        self._exchange.outbox.longest_text = None
        self.is_guest = self._login.as_guest
        self._exchange.encrypts = False
        assert self._link is not None
        self._link.is_plain = True
        if self.people.are_asked_for:
            request = GetContacts(user_login=self.credentials.name)
            self._request(request, self.people.take_plain_contacts)
        self._begin()

    def _on_contacts(self, answer: Answer) -> None:
        self.people.take_contacts(answer)
        if isinstance(answer, ConnectionLost):
            return
        encrypts = self._exchange.encrypts
        if encrypts and not self._login.by_token and self.store.get("keys_since"):
            self._request(ListOwnDevices(), self._on_own_devices)
        elif encrypts:
            self.encryption.start(self._begin)
        else:
            self._begin()

    def _on_own_devices(self, answer: Answer) -> None:
        """Look whether this device was removed while it was away."""
        if isinstance(answer, ConnectionLost):
            return
        if not was_removed(self._login.device.id, answer):
            self.encryption.start(self._begin)
            return
        removed = DeviceRemoved(_("This device was removed by another one of yours"))
        self._request(Logout(), lambda _: self._refused(removed))

    def _begin(self) -> None:
        """Others can write to this device now: fetch what was missed, send what was written."""
        self._was_online = True
        self._become(ConnectionState.ONLINE)
        self._exchange.begin(has_numbers=self.has_numbers)

    def refuse(self, error: ProtocolError) -> None:
        """The shell does not want to speak to this server."""
        self.refusal = str(error)
        self.error = error
        self._become(ConnectionState.REFUSED, str(error), error=error)

    def _refused(self, error: Exception) -> None:
        """The server does not let us in: with these credentials never, or not now."""
        if not isinstance(error, ProtocolError):
            return
        self.gives_up = True
        if isinstance(error, DeviceRemoved):
            # It never comes back as that device, and as one that is approved by itself.
            self.store.forget_device()
            self._was_removed = True
        self.retry_after = error.retry_after
        self.refusal = str(error)
        self.error = error
        if not may_pass(error, was_online=self._was_online):
            self._become(ConnectionState.REFUSED, str(error), error=error)

    # --- what the server says ------------------------------------------------------------------

    def _on_event(self, event: AnyEvent) -> None:
        if isinstance(event, Probe):
            self._say_presence()
        else:
            self.people.take_event(event, self.credentials.name)
            self._exchange.take(event)

    def _on_notice(self, notice: Answer) -> None:
        """Take an answer that nobody asked for: the server stops, or refuses the link."""
        if isinstance(notice, ProtocolError):
            self._refused(notice)

    def _say_presence(self) -> None:
        self._request(msgspec.structs.replace(self.presence, id=None), lambda _: None)

    def _request(self, request: Request[Any], on_answer: OnAnswer) -> None:
        if self._link is None:
            on_answer(ConnectionLost(_("Connection lost")))
            return
        if request.id is None:
            request.id = new_id()
        self._link.send(request, on_answer)

    def _check_online(self) -> None:
        if self.state is not ConnectionState.ONLINE:
            raise NotOnline(_("Not connected"))

    def _become(
        self,
        state: ConnectionState,
        reason: str = "",
        retry_in: float | None = None,
        error: ProtocolError | None = None,
    ) -> None:
        self.state = state
        self._events.append(StateChanged(state, reason, retry_in, error))
