"""`Client`: blocking verbs; one thread receives, another sends.

The receiving thread owns the making of the link, the sending thread its writing side. Both touch
the core under one lock. Handlers are called in the receiving thread, or in the sending one
where something sent changes a message: a face passes them on to its own thread.
"""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from messenger.jim.base import Reply, Request
from messenger.jim.errors import ProtocolError
from messenger.jim.session import Presence, User
from messenger.language import _
from messenger.log import log
from messenger.sdk.address import BadAddress
from messenger.sdk.connecting import Connecting
from messenger.sdk.core import Core
from messenger.sdk.device_store import DeviceStore, store_for
from messenger.sdk.errors import ConnectionLost, NotOnline
from messenger.sdk.events import ConnectionState, CoreEvent
from messenger.sdk.failures import Failure, Pauses, failure_of
from messenger.sdk.handlers import Handler, Handlers
from messenger.sdk.keys import Keys
from messenger.sdk.link import OnAnswer
from messenger.sdk.login import Credentials
from messenger.sdk.server_identity import Encryption, ServerChanged, ServerIdentity
from messenger.sdk.store import Store, StoredMessage
from messenger.sdk.tls_socket import TlsSocket

_logger = logging.getLogger("messenger.client")

ANSWER_TIMEOUT = 30.0
_CLOSE_TIMEOUT = 5.0
_TICK = 1.0

_Socket = socket.socket | TlsSocket
_RECEIVE = 256 * 1024

_Event = TypeVar("_Event")
_Answer = TypeVar("_Answer", bound=Reply)


class Client(Connecting):
    """A client of a server, with a link that is made again by itself.

    Register handlers with `on`, then `start` it. What is written with `send_text` is kept and
    sent as soon as the server is there; `ask` needs it now. `keys` has what a user does about
    encryption.
    """

    def __init__(
        self,
        address: str,
        port: int,
        credentials: Credentials,
        store: Store | None = None,
        *,
        program: str = "messenger",
        encryption: Encryption = "auto",
        fingerprint: str | None = None,
    ) -> None:
        """`fingerprint` is that of the server's key, if it is known; else the first one is kept.

        Another one than before is refused: `trust.accept` takes it, once the user says so.
        Without a `store` an account's keys, not its messages, are kept in the data directory.
        """
        self.store = store or store_for(credentials, address, port)
        self.core = Core(self.store, credentials, program=program)
        super().__init__(
            address, port, ServerIdentity(self.store, address, encryption, fingerprint)
        )
        self.keys = Keys(self.core, self._wait_for)
        self._handlers = Handlers()
        self._pauses = Pauses()
        self._lock = threading.RLock()
        self._to_send = threading.Condition(self._lock)
        self._state = threading.Condition(self._lock)
        self._again = threading.Event()
        self._telling = 0
        self._socket: _Socket | None = None
        self._threads = [
            threading.Thread(target=self._keep_receiving, name="receiving", daemon=True),
            threading.Thread(target=self._keep_sending, name="sending", daemon=True),
        ]

    # --- life ----------------------------------------------------------------------------------

    def on(self, event: type[_Event]) -> Callable[[Handler], Handler]:
        """Have the decorated function called with each event of this type."""
        return self._handlers.on(event)

    def start(self) -> None:
        """Begin to connect, and to connect again whenever the link breaks."""
        for thread in self._threads:
            thread.start()

    def wait_until_online(self, timeout: float | None = None) -> bool:
        """Wait until the client is online; False if the time (seconds) is over first.

        Raises ProtocolError if the server does not let this user in.
        """
        with self._state:
            self._state.wait_for(
                lambda: self.core.state in (ConnectionState.ONLINE, ConnectionState.REFUSED),
                timeout,
            )
            if self.core.state is ConnectionState.REFUSED:
                raise self.core.error or ProtocolError(self.core.refusal)
            return self.core.state is ConnectionState.ONLINE

    def wait_until_sent(self, timeout: float | None = None) -> bool:
        """Wait until the server has answered everything that was written, and handlers know."""
        with self._state:
            return self._state.wait_for(
                lambda: not (self._telling or self.store.count_unsent()), timeout
            )

    def log_in(self, credentials: Credentials) -> None:
        """Try again with other credentials, after the server refused the old ones."""
        with self._lock:
            self.core.credentials = credentials
            self.core.connecting()
        self._again.set()

    def close(self) -> None:
        """End the link and the threads."""
        self._stop.set()
        self._again.set()
        with self._lock:
            self.core.close()
            self._to_send.notify_all()
        end = time.monotonic() + _CLOSE_TIMEOUT
        for thread in self._threads:
            while (
                thread.is_alive()
                and thread is not threading.current_thread()
                and not self._resolving
                and time.monotonic() < end
            ):
                self._break()  # again and again: it may be just about to connect
                thread.join(0.05)
        self._break()
        if isinstance(self.store, DeviceStore):
            self.store.release()

    # --- verbs ---------------------------------------------------------------------------------

    def ask(self, request: Request[_Answer], timeout: float = ANSWER_TIMEOUT) -> _Answer:
        """Send a request and return its reply.

        Raises the ProtocolError that the server answers with, NotOnline while it is away, and
        ConnectionLost if the link breaks or nothing comes within `timeout` seconds.
        """
        answer: _Answer = self._wait_for(lambda take: self.core.ask(request, take), timeout)
        return answer

    def change_password(self, old: str, new: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Change the account's password; over TLS the server sees neither.

        Raises as `ask` does.
        """
        self._wait_for(lambda take: self.core.change_password(old, new, take), timeout)

    def post(self, request: Request[Any]) -> None:
        """Send a request whose reply nobody needs; nothing happens where it cannot be done now."""
        with self._to_send, contextlib.suppress(NotOnline, ProtocolError):
            self.core.ask(request, lambda _: None)
            self._to_send.notify()

    def send_text(self, conversation: str, text: str) -> StoredMessage:
        """Write to a person or a room; returns at once, with the message as it is kept.

        Raises TextTooLong for what the server would refuse.
        """
        with self._to_send:
            message = self.core.send_text(conversation, text, time.time())
            self._to_send.notify()
        return message

    def send_again(self, message: StoredMessage) -> StoredMessage:
        """Send a message that failed once more; returns at once, with the message as it is now."""
        with self._to_send:
            again = self.core.send_again(message)
            self._to_send.notify()
        return again

    def mark_read(self, conversation: str) -> None:
        """Note that everything that is here of the conversation has been read."""
        with self._to_send:
            self.core.mark_read(conversation)
            self._to_send.notify()

    def fetch_older(self, conversation: str, on_done: Callable[[int], None]) -> None:
        """Fetch what came before what is here; `on_done` gets how many messages came."""
        with self._to_send:
            self.core.fetch_older(conversation, on_done)
            self._to_send.notify()

    def set_status(self, status: str, *, away: bool = False) -> None:
        """Tell contacts how one is."""
        with self._to_send:
            self.core.set_presence(self.build_presence(status, away=away))
            self._to_send.notify()

    # --- the four functions of a client --------------------------------------------------------

    @log
    def build_presence(self, status: str = "", *, away: bool = False) -> Presence:
        """Return the presence message of this user."""
        user = User(self.core.credentials.name, status=status)
        return Presence(user=user, type="away" if away else "status")

    @log
    def send(self, data: bytes, link: _Socket | None = None) -> None:
        """Send bytes to the server, by this link or the one there is; OSError if it is broken."""
        link = link or self._socket
        if link is None:
            raise ConnectionError("There is no link")
        link.sendall(data)

    @log
    def receive(self) -> bytes:
        """Return bytes that the server has sent, none if it has closed the link."""
        if self._socket is None:
            return b""
        return self._socket.recv(_RECEIVE)

    @log
    def parse(self, data: bytes) -> list[CoreEvent]:
        """Return what received bytes mean; raises ProtocolError if they are no JIM."""
        with self._lock:
            self.core.received(data, time.monotonic())
            return self.core.events()

    def _wait_for(self, begin: Callable[[OnAnswer], None], timeout: float) -> Any:
        answered = threading.Event()
        answers: list[Any] = []

        def take(answer: object) -> None:
            answers.append(answer)
            answered.set()

        with self._to_send:
            begin(take)
            self._to_send.notify()
        if not answered.wait(timeout):
            raise ConnectionLost(_("The server does not answer"))
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    # --- the receiving thread ------------------------------------------------------------------

    def _keep_receiving(self) -> None:
        while not self._stop.is_set():
            failure = self._one_connection()
            if self._stop.is_set():
                break
            pause = self._pauses.after(failure, self.core.retry_after)
            with self._lock:
                self.core.disconnected(failure.reason, pause, failure.error)
                refused = self.core.state is ConnectionState.REFUSED
            self._publish()
            self._again.wait(None if refused else pause)
            self._again.clear()

    def _one_connection(self) -> Failure:
        """Connect, and receive until the link ends; return why it did, whatever went wrong."""
        try:
            with self._lock:
                self.core.connecting()
            self._publish()
            self._socket = self._connect()
            _logger.info("Linked to %s port %d", self.address, self.port)
            with self._to_send:
                self.core.connected(time.monotonic(), self._certificate)
                self._to_send.notify()
            self._publish()
            return Failure(self._receive_all())
        except (ServerChanged, BadAddress) as error:
            with self._lock:
                self.core.refuse(error)
            return Failure(str(error))
        except Exception as error:
            return failure_of(error)
        finally:
            self._break()

    def _receive_all(self) -> str:
        while not self.core.gives_up:
            data = self.receive()
            if not data:
                return _("The server closed the connection")
            with self._lock:
                events = self.parse(data)
                self._telling += 1
            if self.core.state is ConnectionState.ONLINE:
                self._pauses.note_good()
            with self._to_send:
                self._to_send.notify()
            self._tell(events)
        return self.core.refusal

    # --- the sending thread --------------------------------------------------------------------

    def _keep_sending(self) -> None:
        while not self._stop.is_set():
            try:
                link, data, alive = self._next_to_send()
            except Exception:  # the thread has to live on
                _logger.exception("The connection is given up")
                link, data, alive = self._socket, b"", False
            self._publish()
            if not (alive and self._sent(link, data)) and link is self._socket:
                self._break()

    def _next_to_send(self) -> tuple[_Socket | None, bytes, bool]:
        """Return the link, what has to be sent by it, perhaps nothing, and whether it is alive."""
        with self._to_send:
            if data := self.core.data_to_send():
                return self._socket, data, True
            self._to_send.wait(_TICK)
            alive = self.core.tick(time.monotonic())
            return self._socket, self.core.data_to_send(), alive

    def _sent(self, link: _Socket | None, data: bytes) -> bool:
        if not data or link is None:
            return not data
        try:
            # Not by another one that there may be by now: its server has to be greeted first.
            self.send(data, link)
        except OSError as error:
            _logger.info("Sending failed: %s", error)
            return False
        return True

    def _break(self) -> None:
        """End the link; whoever waits in `recv` notices."""
        link = self._socket
        if link is None:
            if self._stop.is_set() and self._connecting is not None:
                with contextlib.suppress(OSError):
                    self._connecting.shutdown(socket.SHUT_RDWR)
            return
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is self._threads[0] or self._stop.is_set():
            self._socket = None
            link.close()

    # --- events --------------------------------------------------------------------------------

    def _publish(self) -> None:
        with self._lock:
            events = self.core.events()
            self._telling += 1
        self._tell(events)

    def _tell(self, events: list[CoreEvent]) -> None:
        """Tell handlers; whoever took the events has counted himself in `_telling` with them."""
        if events:
            with self._state:
                self._state.notify_all()
        for event in events:
            self._handlers.tell(event)
        with self._state:
            self._telling -= 1
            self._state.notify_all()
