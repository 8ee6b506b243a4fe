"""`AsyncClient`: the same client on asyncio, for bots and for many at once."""

import asyncio
import contextlib
import inspect
import logging
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from messenger.jim.base import Reply, Request
from messenger.jim.errors import ProtocolError
from messenger.jim.session import Presence, User
from messenger.language import _
from messenger.sdk.address import BadAddress, check_address, resolvable
from messenger.sdk.core import Core
from messenger.sdk.device_store import DeviceStore, store_for
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import ConnectionState, CoreEvent
from messenger.sdk.failures import Failure, Pauses, failure_of
from messenger.sdk.handlers import Handler, Handlers
from messenger.sdk.link import OnAnswer
from messenger.sdk.login import Credentials
from messenger.sdk.server_identity import Check, Encryption, ServerChanged, ServerIdentity
from messenger.sdk.store import Store, StoredMessage

_logger = logging.getLogger("messenger.client")

_CONNECT_TIMEOUT = 10.0
_ANSWER_TIMEOUT = 30.0
_TICK = 1.0
_RECEIVE = 256 * 1024

_Event = TypeVar("_Event")
_Answer = TypeVar("_Answer", bound=Reply)


class AsyncClient:
    """A client of a server, with a link that is made again by itself.

    Handlers are functions or coroutine functions. Use it as an asynchronous context manager, or
    let `run` do everything.
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

        Without a `store` an account's keys are kept in the user's data directory, so that the
        program is the same device when it is started again; its messages are not.
        """
        self.address = address
        self.port = port
        self.store = store or store_for(credentials, address, port)
        self.core = Core(self.store, credentials, program=program)
        self.trust = ServerIdentity(self.store, address, encryption, fingerprint)
        self._handlers = Handlers()
        self._pauses = Pauses()
        self._writer: asyncio.StreamWriter | None = None
        self._certificate = b""
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def on(self, event: type[_Event]) -> Callable[[Handler], Handler]:
        """Have the decorated function called with each event of this type."""
        return self._handlers.on(event)

    async def __aenter__(self) -> "AsyncClient":
        self._spawn(self._keep_linked())
        self._spawn(self._keep_ticking())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.core.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
        if isinstance(self.store, DeviceStore):
            self.store.release()

    def run(self) -> None:
        """Run until the process is interrupted.

        Raises the ProtocolError with which the server refuses the user: another try cannot help
        then. Where it can, the client goes on trying; why is in the log, as a warning, and so on
        standard error unless the program has configured its logging.
        """
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")

        async def forever() -> None:
            async with self:
                await self._wait_for(lambda: self.core.state is ConnectionState.REFUSED)
                _logger.error("%s cannot log in: %s", self.core.credentials.name, self.core.refusal)
                raise self.core.error or ProtocolError(self.core.refusal)

        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(forever())

    async def wait_until_online(self) -> None:
        """Wait until the client is online; raises ProtocolError if the server refuses it."""
        await self._wait_for(
            lambda: self.core.state in (ConnectionState.ONLINE, ConnectionState.REFUSED)
        )
        if self.core.state is ConnectionState.REFUSED:
            raise self.core.error or ProtocolError(self.core.refusal)

    async def wait_until_sent(self) -> None:
        """Wait until the server has answered everything that was written."""
        await self._wait_for(lambda: not self.store.count_unsent())

    # --- verbs ---------------------------------------------------------------------------------

    async def ask(self, request: Request[_Answer]) -> _Answer:
        """Send a request and return its reply.

        Raises the ProtocolError that the server answers with, NotOnline while it is away, and
        ConnectionLost if the link breaks or nothing comes within half a minute.
        """
        answer: _Answer = await self._answer_to(lambda take: self.core.ask(request, take))
        return answer

    async def change_password(self, old: str, new: str) -> None:
        """Change the account's password; over TLS the server sees neither. Raises as `ask` does."""
        await self._answer_to(lambda take: self.core.change_password(old, new, take))

    def send_text(self, conversation: str, text: str) -> StoredMessage:
        """Write to a person or a room; returns at once, with the message as it is kept.

        Raises TextTooLong for what the server would refuse.
        """
        message = self.core.send_text(conversation, text, time.time())
        self._flush()
        return message

    async def approve(self, code: str) -> None:
        """Approve the device of this account that shows the code. Raises as `ask` does."""
        await self._answer_to(lambda take: self.core.encryption.account.approve(code, take))

    @property
    def recovery_code(self) -> str | None:
        """The code that approves any device of the account; None on one that is not approved."""
        secret = self.core.encryption.account.secret
        return secret.code() if secret is not None else None

    def mark_read(self, conversation: str) -> None:
        """Note that everything that is here of the conversation has been read."""
        self.core.mark_read(conversation)
        self._flush()

    def fetch_older(self, conversation: str, on_done: Callable[[int], None]) -> None:
        """Fetch what came before what is here; `on_done` gets how many messages came."""
        self.core.fetch_older(conversation, on_done)
        self._flush()

    def set_status(self, status: str, *, away: bool = False) -> None:
        """Tell contacts how one is."""
        user = User(self.core.credentials.name, status=status)
        self.core.set_presence(Presence(user=user, type="away" if away else "status"))
        self._flush()

    async def _answer_to(self, begin: Callable[[OnAnswer], None]) -> Any:
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def take(answer: object) -> None:
            if not answered.done():
                answered.set_result(answer)

        begin(take)
        self._flush()
        try:
            answer = await asyncio.wait_for(answered, _ANSWER_TIMEOUT)
        except TimeoutError:
            raise ConnectionLost(_("The server does not answer")) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    # --- the link ------------------------------------------------------------------------------

    async def _keep_linked(self) -> None:
        while self.core.state is not ConnectionState.REFUSED:
            failure = await self._one_connection()
            pause = self._pauses.after(failure, self.core.retry_after)
            self.core.disconnected(failure.reason, pause, failure.error)
            self._flush()
            await asyncio.sleep(pause)

    async def _one_connection(self) -> Failure:
        """Connect, and receive until the link ends; return why it did, whatever went wrong."""
        try:
            self.core.connecting()
            self._flush()
            reader, self._writer = await asyncio.wait_for(self._connect(), _CONNECT_TIMEOUT)
            _logger.info("Linked to %s port %d", self.address, self.port)
            self.core.connected(time.monotonic(), self._certificate)
            self._flush()
            return Failure(await self._receive_all(reader))
        except (ServerChanged, BadAddress) as error:
            self.core.refuse(error)
            return Failure(str(error))
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
            try:
                check = checks.send(self._certificate)
            except StopIteration:
                return reader, writer
            except BaseException:
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

    async def _receive_all(self, reader: asyncio.StreamReader) -> str:
        while not self.core.gives_up:
            data = await reader.read(_RECEIVE)
            if not data:
                return _("The server closed the connection")
            self.core.received(data, time.monotonic())
            if self.core.state is ConnectionState.ONLINE:
                self._pauses.note_good()
            self._flush()
        return self.core.refusal

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            try:
                alive = self.core.tick(time.monotonic())
                self._flush()
            except Exception:  # the task has to live on
                _logger.exception("The connection is given up")
                alive = False
            if not alive and self._writer is not None:
                self._writer.transport.abort()

    def _flush(self) -> None:
        """Send what has to be sent, and tell what has happened."""
        if (data := self.core.data_to_send()) and self._writer is not None:
            self._writer.write(data)
        if events := self.core.events():
            self._changed.set()
            for event in events:
                self._tell(event)

    def _tell(self, event: CoreEvent) -> None:
        for result in self._handlers.tell(event):
            if inspect.iscoroutine(result):
                self._spawn(self._guard(result, event))

    async def _guard(self, handling: Any, event: CoreEvent) -> None:
        try:
            await handling
        except Exception:
            _logger.exception("A handler of %s failed", type(event).__name__)

    async def _wait_for(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
