"""The client's state without I/O: login, contacts, resync, sending, keeping the connection alive.

A shell connects sockets and calls the core when something happens (`connected`, `received`,
`disconnected`, `tick`), sends the bytes of `data_to_send`, and passes the `events` on. The shell
has the clock, too: `now` is monotonic, in seconds. Only the local database blocks. A shell calls
the core from one thread at a time.
"""

import logging
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any, cast

import msgspec

from messenger.jim.accounts import Logout
from messenger.jim.base import Request
from messenger.jim.codec import REFERENCE, AnyEvent
from messenger.jim.contacts import GetContacts
from messenger.jim.devices import ListOwnDevices
from messenger.jim.errors import DeviceRemoved, ProtocolError
from messenger.jim.messages import Message
from messenger.jim.session import ENCRYPTION, VERSION, Presence, Probe, User, Welcome
from messenger.sdk.announcement import Announcement
from messenger.sdk.changes import DevicesSeen
from messenger.sdk.credentials import Credentials
from messenger.sdk.encryption import Encryption
from messenger.sdk.errors import ConnectionLost, NotOnline, PlainJim, RemovedOffline, StoreUnusable
from messenger.sdk.events import ConnectionState, CoreEvent, Emptiness, StateChanged
from messenger.sdk.failures import call_each
from messenger.sdk.ids import new_id
from messenger.sdk.link import Answer, Link, OnAnswer
from messenger.sdk.login import Login, may_pass, was_removed
from messenger.sdk.message_exchange import MessageExchange
from messenger.sdk.outbox import Outbox
from messenger.sdk.own_requests import completed
from messenger.sdk.people import KnownPeople
from messenger.sdk.reading import Reading
from messenger.sdk.silence import Silence
from messenger.sdk.store import Store

_logger = logging.getLogger("messenger.client")


class Core:
    """One client of one server, for one account.

    Once it `gives_up` a connection the shell has to close it, and to wait `retry_after` seconds
    before the next one, if the server said so. A server that speaks plain JIM only
    `is_plain_server`, and gets no other requests.

    It has more methods and attributes than other classes, because it is the whole interface of the
    shells; the work is done by Login, MessageExchange, KnownPeople and Silence.
    """

    def __init__(
        self, store: Store, credentials: Credentials, *, program: str, language: str = "en"
    ) -> None:
        self.store = store
        self.credentials = credentials
        self.connection = StateChanged(ConnectionState.OFFLINE)
        self.is_guest = False
        self.has_numbers = False
        self.is_plain_server = False
        self.presence = Presence(user=User(credentials.name))
        self._events: list[CoreEvent] = []
        self._link: Link | None = None
        self.gives_up = False
        self.retry_after: float | None = None
        self.error: Exception | None = None
        self._was_online = False
        self._silence = Silence()
        self._program = program
        self._language = language
        self.people = KnownPeople(store, self._events.append)
        self._announcement = Announcement(self._events.append)
        self._was_removed = False
        self.reading = Reading(store, self._events)
        self._devices_seen = DevicesSeen(store, self._events.append)
        self._become_device()

    def _become_device(self) -> None:
        """Use the device of the store, or create one."""
        self._login = Login(self.store, self._program, self._request, self._language)
        self._read_store()

    def _read_store(self) -> None:
        """Build the state in memory from the store, dropping changes that were not committed."""
        name, device = self.credentials.name, self._login.device.id
        self.exchange = MessageExchange(self.store, name, device, self._request, self._devices_seen)

    @property
    def state(self) -> ConnectionState:
        """The state of the connection; `connection` has its reason, too."""
        return self.connection.state

    @property
    def encryption(self) -> Encryption:
        """The end-to-end encryption; it is another object after this device was removed."""
        return self.exchange.encryption

    @property
    def outbox(self) -> Outbox:
        """The messages that wait to be sent; another object after this device was removed."""
        return self.exchange.outbox

    # --- what the shell reports ----------------------------------------------------------------

    def connecting(self) -> None:
        """The shell is connecting to the server."""
        self._become(ConnectionState.CONNECTING)

    def connected(self, now: float, certificate: bytes = b"") -> None:
        """Log in on a new connection. `certificate` (DER) is the server's, if it has TLS."""
        self._start_over()  # in case it failed when the last connection ended
        self._link = Link(self._on_events, self._on_notice, self.outbox.settle)
        self._silence.heard(now)
        self.gives_up = False
        self.retry_after = None
        self.error = None
        self._become(ConnectionState.HANDSHAKE)
        self._login.start(self.credentials, certificate, self.presence, self._on_welcome)

    def received(self, data: bytes, now: float) -> None:
        """Process received bytes; raises ProtocolError if the peer does not speak JIM."""
        self._silence.heard(now)
        if self._link is not None:
            self.reading.receive(self._link, data)

    def disconnected(self, error: Exception | None = None, retry_at: float | None = None) -> None:
        """The connection ended or failed; the next attempt is at `retry_at` (unix time)."""
        link, self._link = self._link, None
        lost = ConnectionLost()
        waiting = link.abandon() if link else []
        self.people.forget()
        self.exchange.stop()
        # Each must be called, even if another one fails: a user's thread may wait for it.
        call_each([*(partial(on_answer, lost) for on_answer in waiting), self._start_over])
        if self.state not in (ConnectionState.REFUSED, ConnectionState.CLOSED):
            self._become(ConnectionState.OFFLINE, self.error or error, retry_at)

    def _start_over(self) -> None:
        """Become a new device if this one was removed; reread the store after a failed write."""
        if self._was_removed:
            self._become_device()
            self._was_removed = False
        elif self.exchange.is_undone:
            self._read_store()

    def tick(self, now: float) -> bool:
        """Do what is due; False if the connection is dead and must be closed. Call every second."""
        if self._link is None:
            return True
        self._link.tick(now)
        if self.exchange.is_undone:
            _logger.warning("Closing the connection: the local database could not be written")
            return False  # the state in memory may be ahead of it
        if self._silence.is_too_long(now) and not self.is_plain_server:
            _logger.warning("Closing the connection: the server is silent")
            return False  # a plain server may have nothing to send: TCP notices if it is gone
        if self.state is ConnectionState.ONLINE and self._silence.is_to_be_asked(now):
            self._send_presence()
        self.people.typing.tick(now)
        try:
            with self._link.discarding():
                self.exchange.tick(now)
        except StoreUnusable as error:
            self.error = error
            return False
        return True

    def data_to_send(self) -> bytes:
        """Return the bytes to send now."""
        if self._link is None:
            return b""
        try:
            with self._link.discarding():
                self.outbox.send_written()
        except StoreUnusable as error:
            # What is written waits in memory; `tick` gives the connection up for this reason.
            self.error = error
        return self._link.data_to_send()

    def events(self) -> list[CoreEvent]:
        """Return the events since the last call."""
        events, self._events[:] = self._events[:], []
        return events

    # --- what a user interface asks for --------------------------------------------------------

    def ask(self, request: Request[Any], on_answer: OnAnswer) -> None:
        """Send a request; `on_answer` gets the reply or a ProtocolError or ConnectionLost.

        Raises NotOnline if there is no connection, BadRequest if a plain server cannot do this.
        """
        self._check_online()
        if self.is_plain_server and not isinstance(request, REFERENCE):
            raise PlainJim
        on_answer = self.people.told(request, on_answer)
        self._request(request, completed(request, on_answer, self.store, self.encryption))

    def change_password(self, old: str, new: str, on_answer: OnAnswer) -> None:
        """Change the account's password; `on_answer` gets the result. Raises NotOnline."""
        self._check_online()
        self._login.change_password(old, new, on_answer)

    def mark_read(self, conversation: str) -> None:
        """Mark the whole conversation as read, and send the receipt."""
        is_told = self.state is ConnectionState.ONLINE and self.has_numbers
        self.exchange.mark_read(conversation, is_told=is_told)

    def why_empty(self, conversation: str) -> Emptiness:
        """Return why no messages of a conversation are stored."""
        resync = self.exchange.resync
        return resync.why_empty(conversation, self.is_guest, not self.is_plain_server)

    def set_presence(self, presence: Presence) -> None:
        """Send this presence to the contacts, now and after each login."""
        self.presence = presence
        if self.state is ConnectionState.ONLINE:
            self._send_presence()

    def close(self) -> None:
        """Make no more attempts to connect."""
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
        self.outbox.adapt_to(welcome)
        self._announcement.take(welcome)
        # Not as the server says: it cannot make a guest of a user who has proved the account.
        self.is_guest = self._login.as_guest
        encrypts = not self.is_guest and ENCRYPTION in welcome.features
        self.exchange.logged_in(guest=self.is_guest, encrypts=encrypts, log=welcome.log)
        self._request(GetContacts(user_login=self.credentials.name), self._on_contacts)

    def _on_plain_server(self) -> None:
        """Go online at once: such a server may never answer the next request."""
        self.has_numbers, self.is_plain_server = False, True
        self.outbox.adapt_to(None)
        self.is_guest = self._login.as_guest
        self.exchange.encrypts = False
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
        encrypts = self.exchange.encrypts
        if encrypts and not self._login.by_token and self.store.get("keys_since"):
            self._request(ListOwnDevices(), self._on_own_devices)
        elif encrypts:
            self.encryption.start(self._begin)
        else:
            self._begin()

    def _on_own_devices(self, answer: Answer) -> None:
        """Check whether this device was removed while it was offline."""
        if isinstance(answer, ConnectionLost):
            return
        if not was_removed(self._login.device.id, answer):
            self.encryption.start(self._begin)
            return
        self._request(Logout(), lambda _: self._refused(RemovedOffline()))

    def _begin(self) -> None:
        """Others can encrypt for this device now: fetch missed messages, send queued ones."""
        self._was_online = True
        self._become(ConnectionState.ONLINE)
        self.exchange.begin(has_numbers=self.has_numbers)

    def refuse(self, error: ProtocolError) -> None:
        """The shell refuses this server: there are no more attempts."""
        self.error = error
        self._become(ConnectionState.REFUSED, error)

    def _refused(self, error: Exception) -> None:
        """The server refuses the login: for these credentials always, or only now."""
        if not isinstance(error, ProtocolError):
            return
        self.gives_up = True
        if isinstance(error, DeviceRemoved):
            # It must not return under that id, nor as a device that has approved itself.
            self.encryption.account.note_removed()
            self.store.forget_device()
            self._was_removed = True
        self.retry_after = error.retry_after
        self.error = error
        if not may_pass(error, was_online=self._was_online):
            self._become(ConnectionState.REFUSED, error)

    # --- what the server sends -----------------------------------------------------------------

    def _on_events(self, events: Sequence[AnyEvent]) -> None:
        """Take events in order; messages that follow each other are taken together."""
        for kind, run in groupby(events, type):
            if kind is Message:
                messages = cast("list[Message]", list(run))
                self.people.typing.arrived(messages, self.credentials.name)
                self.exchange.resync.arrived(messages)
            elif kind is Probe:
                self._send_presence()
            else:
                for event in run:
                    self.people.take_event(event, self.credentials.name, self._silence.heard_at)
                    self.exchange.takers[kind](event)

    def _on_notice(self, notice: Answer) -> None:
        """Take a reply to no request: the server shuts down, or refuses the connection."""
        if isinstance(notice, ProtocolError):
            self._refused(notice)

    def _send_presence(self) -> None:
        self._request(msgspec.structs.replace(self.presence, id=None), lambda _: None)

    def _request(self, request: Request[Any], on_answer: OnAnswer) -> None:
        if self._link is None:
            on_answer(ConnectionLost())
            return
        if request.id is None:
            request.id = new_id()
        self._link.send(request, on_answer)

    def _check_online(self) -> None:
        if self.state is not ConnectionState.ONLINE:
            raise NotOnline

    def _become(
        self, state: ConnectionState, error: Exception | None = None, retry_at: float | None = None
    ) -> None:
        self.connection = StateChanged(state, error, retry_at)
        self._events.append(self.connection)
