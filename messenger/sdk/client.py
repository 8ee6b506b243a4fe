"""`Client`: blocking verbs; one thread receives, another sends.

The receiving thread makes the connection and reads it, the sending thread writes to it. Both touch
the core under one lock. Handlers are called in the receiving thread, or in the sending one where
a message changes by being sent: a user interface passes events on to its own thread.
"""

import contextlib
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from messenger.log import log
from messenger.sdk.address import BadAddress
from messenger.sdk.cancelling import cancellable
from messenger.sdk.connecting import Connecting
from messenger.sdk.core import Core
from messenger.sdk.credentials import Credentials
from messenger.sdk.device_store import DeviceStore, store_for
from messenger.sdk.errors import NoReply, ServerClosed, StoreUnusable
from messenger.sdk.events import ConnectionState, CoreEvent
from messenger.sdk.failures import Failure, Pauses, failure_of
from messenger.sdk.server_identity import Encryption, ServerChanged, ServerIdentity
from messenger.sdk.store import Store
from messenger.sdk.tls_socket import TlsSocket
from messenger.sdk.verbs import Verbs
from messenger.sdk.verbs.encryption import Keys
from messenger.sdk.verbs.verb import Begin, Blocking

_logger = logging.getLogger("messenger.client")

_CLOSE_TIMEOUT = 5.0
_TICK = 1.0

_Socket = socket.socket | TlsSocket
# Bytes: what is read at once is stored at once, and keeps others waiting for so long.
_RECEIVE = 64 * 1024

_Found = TypeVar("_Found")


class Client(Connecting, Verbs, Blocking):
    """A client of a server that reconnects automatically.

    Register handlers with `on`, then call `start`. Messages of `send_text` are stored and sent as
    soon as the client is online; `ask` needs a connection. `keys` has the verbs of encryption.

    It has more methods than other classes: those of two threads, and `send`, `receive` and `parse`,
    each a step of its own.
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
        language: str = "en",
    ) -> None:
        """`fingerprint` is that of the server's key; without one the first key seen is trusted.

        A changed key is refused until the user agrees to it: then call `trust.accept`. The server
        writes its errors in `language` (BCP 47).
        Without a `store` an account's keys, not its messages, are stored in the data directory.
        """
        store = store or store_for(credentials, address, port)
        Verbs.__init__(self, store, Core(store, credentials, program=program, language=language))
        Connecting.__init__(
            self, address, port, ServerIdentity(store, address, encryption, fingerprint)
        )
        self.keys = Keys(self.core, self._wait_for)
        self._pauses = Pauses()
        # Reentrant: `_receive_all` holds it around `parse`, which takes it, too.
        self._lock = threading.RLock()
        self._woken = threading.Event()
        self._queued: deque[Callable[[], object]] = deque()
        self._state = threading.Condition(self._lock)
        self._again: threading.Event = threading.Event()
        self._socket: _Socket | None = None
        # Daemons: nothing can interrupt getaddrinfo, and it must not keep the process alive.
        self._threads = [
            threading.Thread(target=self._keep_receiving, name="receiving", daemon=True),
            threading.Thread(target=self._keep_sending, name="sending", daemon=True),
        ]

    # --- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect, and reconnect whenever the connection breaks."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Close the connection and end the threads; returns after 5 seconds at the latest."""
        self._stop.set()
        self._again.set()
        with self._lock:
            self._run_queued()  # Whatever a verb has promised is done, if the threads have no time.
            self.core.close()
        self._woken.set()
        end = time.monotonic() + _CLOSE_TIMEOUT
        for thread in self._threads:
            while (
                thread.is_alive()
                and thread is not threading.current_thread()
                and not self._resolving  # nothing can interrupt getaddrinfo
                and time.monotonic() < end
            ):
                self._break()  # repeatedly: the thread may be just about to connect
                thread.join(0.05)
        self._break()
        if isinstance(self.store, DeviceStore):
            self.store.release()

    # --- waiting -------------------------------------------------------------------------------

    async def _wait_for(self, begin: Begin, timeout: float) -> Any:
        # It is `async` because the verbs are written once for both clients; it blocks nevertheless.
        answered = threading.Event()
        answers: list[Any] = []

        def take(answer: object) -> None:
            answers.append(answer)
            answered.set()

        with cancellable(answered.set):
            self._at_once(lambda: begin(self.core.reading.until_stored(take)))
            if not answered.is_set():
                self._check_may_wait()
            is_answered = answered.wait(timeout)
        if not is_answered:
            raise NoReply
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    async def _wait_until(self, condition: Callable[[], _Found], timeout: float | None) -> _Found:
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            with self._state:
                self._state.notify_all()

        # Left in this order: `stop` is called under the lock that `cancellable` takes at its end.
        with cancellable(stop), self._state:
            if found := condition():
                return found
            self._check_may_wait()
            self._state.wait_for(lambda: condition() or stopped.is_set(), timeout)
            return condition()

    def _check_may_wait(self) -> None:
        if threading.current_thread() in self._threads:
            raise RuntimeError("A handler cannot wait: no reply would arrive before it returns")

    def _at_once(self, do: Callable[[], _Found]) -> _Found:
        with self._lock:
            self._run_queued()  # The calls keep their order.
            done = do()
        self._woken.set()
        return done

    def _soon(self, do: Callable[[], object]) -> None:
        # Without the lock, which the receiving thread holds while it stores what has arrived.
        self._queued.append(do)
        self._woken.set()
        if self._stop.is_set():  # No thread will do it.
            with self._lock:
                self._run_queued()

    # --- the socket ----------------------------------------------------------------------------

    @log
    def send(self, data: bytes, by: _Socket | None = None) -> None:
        """Send bytes by this socket or the current one; OSError if the connection is broken."""
        by = by or self._socket
        if by is None:
            raise ConnectionError("There is no connection")
        by.sendall(data)

    @log
    def receive(self) -> bytes:
        """Return bytes that the server has sent, none if it has closed the connection."""
        if self._socket is None:
            return b""
        return self._socket.recv(_RECEIVE)

    @log
    def parse(self, data: bytes) -> list[CoreEvent]:
        """Return the events in received bytes; raises ProtocolError if they are not JIM."""
        with self._lock:
            self.core.received(data, time.monotonic())
            return self.core.events()

    # --- the receiving thread ------------------------------------------------------------------

    def _keep_receiving(self) -> None:
        while not self._stop.is_set():
            failure = self._one_connection()
            if self._stop.is_set():
                break
            pause = self._pauses.after(failure, self.core.retry_after)
            with self._lock:
                self.core.disconnected(failure.error, time.time() + pause)
                refused = self.core.state is ConnectionState.REFUSED
            self._publish()
            self._again.wait(None if refused else pause)
            self._again.clear()

    def _one_connection(self) -> Failure:
        """Connect, and receive until the connection ends; return the reason, for any error."""
        try:
            with self._lock:
                self.core.connecting()
            self._publish()
            self._socket = self._connect()
            _logger.info("Connected to %s port %d", self.address, self.port)
            with self._lock:
                self.core.connected(time.monotonic(), self._certificate)
            self._woken.set()
            self._publish()
            return Failure(self._receive_all())
        except (ServerChanged, BadAddress) as error:
            with self._lock:
                self.core.refuse(error)
            return Failure(error)
        # A bug ends one connection, not the thread that connects again.
        except Exception as error:
            return failure_of(error)
        finally:
            self._break()

    def _receive_all(self) -> Exception:
        while not self.core.gives_up:
            data = self.receive()
            if not data:
                return ServerClosed()
            with self._lock:
                events = self.parse(data)
                self._summaries.note_events(events)
                self._telling += 1
            self._woken.set()
            if self.core.state is ConnectionState.ONLINE:
                self._pauses.note_good()
            self._tell(events)
        return self.core.error or ServerClosed()

    # --- the sending thread --------------------------------------------------------------------

    def _keep_sending(self) -> None:
        while not self._stop.is_set():
            try:
                by, data, alive = self._next_to_send()
            except Exception:  # without this thread nothing would be sent any more
                _logger.exception("The connection is closed because of a bug")
                by, data, alive = self._socket, b"", False
            self._publish()
            self._publish_summaries()
            # The receiving thread may have connected again: the new connection is not at fault.
            if not (alive and self._sent(by, data)) and by is self._socket:
                self._break()

    def _next_to_send(self) -> tuple[_Socket | None, bytes, bool]:
        """Return the socket, the bytes to send by it, if any, and whether it is alive."""
        with self._lock:
            self._run_queued()
            if data := self.core.data_to_send():
                return self._socket, data, True
        self._woken.wait(_TICK)
        self._woken.clear()
        with self._lock:
            self._run_queued()
            alive = self.core.tick(time.monotonic())
            return self._socket, self.core.data_to_send(), alive

    def _run_queued(self) -> None:
        while self._queued:
            try:
                self._queued.popleft()()
            except StoreUnusable as error:
                _logger.warning("The local database could not be written: %s", error)
                self.core.error = error  # The connection ends for this reason, and tells it.

    def _sent(self, by: _Socket | None, data: bytes) -> bool:
        if not data or by is None:
            return not data
        try:
            # Not by a new connection that there may be by now: that one needs a handshake first.
            self.send(data, by)
        except OSError as error:
            _logger.info("Sending failed: %s", error)
            return False
        return True

    def _break(self) -> None:
        """End the connection; a thread that waits in `recv` wakes up."""
        current = self._socket
        if current is None:
            if self._stop.is_set() and self._connecting is not None:
                with contextlib.suppress(OSError):
                    self._connecting.shutdown(socket.SHUT_RDWR)
            return
        with contextlib.suppress(OSError):
            current.shutdown(socket.SHUT_RDWR)
        # Only the receiving thread closes it, or its file descriptor could be another one's while
        # that thread still reads from it.
        if threading.current_thread() is self._threads[0] or self._stop.is_set():
            self._socket = None
            current.close()

    # --- events --------------------------------------------------------------------------------

    def _publish(self) -> None:
        with self._lock:
            if events := self.core.events():
                self._summaries.note_events(events)
                self._woken.set()
            self._telling += 1
        self._tell(events)

    def _publish_summaries(self) -> None:
        """Tell which conversations have changed; only the sending thread does (`Summaries`)."""
        if (changed := self._summaries.changed()) is not None:
            with self._lock:
                self._telling += 1
            self._tell([changed])

    def _tell(self, events: list[CoreEvent]) -> None:
        """Call the handlers; the caller has added 1 to `_telling` when it took the events."""
        if events:
            with self._state:
                self._state.notify_all()
            self._handlers.tell(events)
        with self._state:
            self._telling -= 1
            self._state.notify_all()
