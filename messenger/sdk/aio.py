"""`AsyncClient`: the same client on asyncio, for bots and for many clients in one process."""

import asyncio
import contextlib
import inspect
import logging
import ssl
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from messenger.sdk.address import BadAddress, check_address, resolvable
from messenger.sdk.core import Core
from messenger.sdk.credentials import Credentials
from messenger.sdk.device_store import DeviceStore, store_for
from messenger.sdk.errors import NoReply, ServerClosed
from messenger.sdk.events import ConnectionState, CoreEvent
from messenger.sdk.failures import Failure, Pauses, failure_of
from messenger.sdk.server_identity import Check, Encryption, ServerChanged, ServerIdentity
from messenger.sdk.store import Store
from messenger.sdk.verbs import Verbs
from messenger.sdk.verbs.encryption import AsyncKeys
from messenger.sdk.verbs.verb import Asynchronous, Begin

_logger = logging.getLogger("messenger.client")

_CONNECT_TIMEOUT = 10.0
_TICK = 1.0
_RECEIVE = 64 * 1024  # bytes, as in `client`

_Found = TypeVar("_Found")


class AsyncClient(Verbs, Asynchronous):
    """A client of a server that reconnects automatically.

    Handlers are functions or coroutine functions. Use it as an asynchronous context manager, or
    call `run`.
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

        Without a `store` an account's keys are stored in the user's data directory, so that the
        program is the same device after a restart; messages are not stored.
        """
        self.address = address
        self.port = port
        store = store or store_for(credentials, address, port)
        super().__init__(store, Core(store, credentials, program=program, language=language))
        self.trust = ServerIdentity(store, address, encryption, fingerprint)
        self.keys = AsyncKeys(self.core, self._wait_for)
        self._pauses = Pauses()
        self._writer: asyncio.StreamWriter | None = None
        self._certificate = b""
        self._changed = asyncio.Event()
        self._is_telling = False
        self._again: asyncio.Event = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> "AsyncClient":
        self._spawn(self._keep_connected())
        self._spawn(self._keep_ticking())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.core.close()
        for task in list(self._tasks):
            task.cancel()
        # Whatever a task ends with, the socket and the device are released.
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
        if isinstance(self.store, DeviceStore):
            self.store.release()

    def run(self) -> None:
        """Run until the process is interrupted.

        Raises the ProtocolError with which the server refuses the login, where another try cannot
        succeed. Otherwise the client tries again and logs the reason as a warning: on standard
        error, unless the program has configured its logging.
        """
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")

        async def forever() -> None:
            async with self:
                await self._wait_until(lambda: self.core.state is ConnectionState.REFUSED, None)
                _logger.error("%s cannot log in: %s", self.core.credentials.name, self.core.error)
                assert self.core.error is not None
                raise self.core.error

        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(forever())

    # --- waiting -------------------------------------------------------------------------------

    async def _wait_for(self, begin: Begin, timeout: float) -> Any:
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def take(answer: object) -> None:
            if not answered.done():  # an answer after the timeout: the future is cancelled
                answered.set_result(answer)

        self._at_once(lambda: begin(self.core.reading.until_stored(take)))
        try:
            answer = await asyncio.wait_for(answered, timeout)
        except TimeoutError:
            raise NoReply from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _wait_until(self, condition: Callable[[], _Found], timeout: float | None) -> _Found:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                # No `await` is between the check and `clear`: no change is missed.
                while not (found := condition()):
                    self._changed.clear()
                    await self._changed.wait()
        return found

    def _soon(self, do: Callable[[], object]) -> None:
        self._at_once(do)

    def _at_once(self, do: Callable[[], _Found]) -> _Found:
        done = do()
        self._flush()
        return done

    # --- the connection ------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        while True:
            failure = await self._one_connection()
            pause = self._pauses.after(failure, self.core.retry_after)
            self.core.disconnected(failure.error, time.time() + pause)
            self._flush()
            refused = self.core.state is ConnectionState.REFUSED
            with contextlib.suppress(TimeoutError):
                # A refused login is repeated only after the user's correction, which sets `_again`.
                async with asyncio.timeout(None if refused else pause):
                    await self._again.wait()
            self._again.clear()

    async def _one_connection(self) -> Failure:
        """Connect, and receive until the connection ends; return the reason, for any error."""
        try:
            self.core.connecting()
            self._flush()
            reader, self._writer = await asyncio.wait_for(self._connect(), _CONNECT_TIMEOUT)
            _logger.info("Connected to %s port %d", self.address, self.port)
            self.core.connected(time.monotonic(), self._certificate)
            self._flush()
            return Failure(await self._receive_all(reader))
        except (ServerChanged, BadAddress) as error:
            self.core.refuse(error)
            return Failure(error)
        # A bug ends one connection, not the task that connects again.
        except Exception as error:
            return failure_of(error)
        finally:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        check_address(self.address, self.port)
        if not self.trust.encrypts:
            self._certificate = b""
            return await asyncio.open_connection(resolvable(self.address), self.port)
        checks = self.trust.checks()
        check = next(checks)
        while True:
            try:
                reader, writer = await self._open(check)
            except OSError as error:
                check = checks.throw(error)
                continue
            tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
            self._certificate = tls.getpeercert(binary_form=True) or b""
            # The generator decides, here as in Connecting: it ends where the server is the right
            # one, and yields another check where this connection is not to be used.
            try:
                check = checks.send(self._certificate)
            except StopIteration:
                return reader, writer
            except BaseException:
                # Not `close`: that would wait for the peer's part of the end of TLS.
                writer.transport.abort()
                raise
            writer.transport.abort()

    async def _open(self, check: Check) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(
            resolvable(self.address),
            self.port,
            ssl=check.context,
            server_hostname=check.server_hostname or "",
        )

    async def _receive_all(self, reader: asyncio.StreamReader) -> Exception:
        while not self.core.gives_up:
            data = await reader.read(_RECEIVE)
            if not data:
                return ServerClosed()
            self.core.received(data, time.monotonic())
            if self.core.state is ConnectionState.ONLINE:
                self._pauses.note_good()
            self._flush()
        return self.core.error or ServerClosed()

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            try:
                alive = self.core.tick(time.monotonic())
                self._flush()
            except Exception:  # without this task no dead connection would be noticed again
                _logger.exception("The connection is closed because of a bug")
                alive = False
            if not alive and self._writer is not None:
                self._writer.transport.abort()

    def _flush(self) -> None:
        """Send queued bytes, and call the handlers of new events."""
        if (data := self.core.data_to_send()) and self._writer is not None:
            self._writer.write(data)
        # A handler has called a verb: what that changes is told after this event, to all handlers.
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while events := self._new_events():
                self._tell(events)
        finally:
            self._is_telling = False

    def _new_events(self) -> list[CoreEvent]:
        if events := self.core.events():
            self._changed.set()
            self._summaries.note_events(events)
            return events
        changed = self._summaries.changed()
        return [] if changed is None else [changed]

    def _tell(self, events: list[CoreEvent]) -> None:
        for result in self._handlers.tell(events):
            if inspect.iscoroutine(result):
                self._spawn(self._guard(result))

    async def _guard(self, handling: Coroutine[Any, Any, Any]) -> None:
        try:
            await handling
        except Exception:
            _logger.exception("A handler failed")

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        # The loop has weak references only: a task that nobody holds may be collected.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
