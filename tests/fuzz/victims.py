"""Clients whose server lies: the blocking one and the one on asyncio, with the same methods."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from messenger.jim.base import Request
from messenger.jim.errors import BadRequest
from messenger.sdk import AsyncClient, Client, Credentials, Store
from messenger.sdk.backoff import Backoff
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import ConnectionState
from tests.fuzz.findings import Found
from tests.fuzz.honest import hearing, wait_until_heard
from tests.running import PASSWORD

_PATIENCE = 30.0


class Victim(Protocol):
    """A client whose server lies."""

    name: str
    store: Store

    def __init__(self, name: str, port: int, file: Path) -> None: ...

    def ask(self, request: Request[Any]) -> None:
        """Send a request, if there is a connection; its reply is ignored."""

    def say(self, to: str, text: str) -> None:
        """Write to somebody."""

    def wait_for(self, text: str) -> None:
        """Wait until this text has arrived; raises Found if it does not arrive in time."""

    @property
    def state(self) -> ConnectionState:
        """The state of its connection."""

    def log_in(self) -> None:
        """Log in again, as a user does after a wrong password."""

    def close(self) -> None:
        """Close the client."""


class BlockingVictim:
    """A `Client`."""

    def __init__(self, name: str, port: int, file: Path) -> None:
        self.name = name
        self.store = Store(file)
        self._credentials = Credentials(name, PASSWORD, register=True)
        self._client = Client("127.0.0.1", port, self._credentials, self.store)
        self._heard = hearing(self._client)
        self._client.start()

    def ask(self, request: Request[Any]) -> None:
        self._client.post(request)

    def say(self, to: str, text: str) -> None:
        self._client.send_text(to, text)

    def wait_for(self, text: str) -> None:
        wait_until_heard(self._heard, text, self.name)

    @property
    def state(self) -> ConnectionState:
        return self._client.core.state

    def log_in(self) -> None:
        self._client.log_in(self._credentials)

    def close(self) -> None:
        self._client.close()
        self.store.close()


class AsyncVictim:
    """An `AsyncClient` on a loop of its own; another one replaces it if its login is refused."""

    def __init__(self, name: str, port: int, file: Path) -> None:
        self.name = name
        self.store = Store(file)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_note)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._begin())

    async def _begin(self) -> None:
        credentials = Credentials(self.name, PASSWORD, register=True)
        self._client = AsyncClient("127.0.0.1", self._port, credentials, self.store)
        self._heard = hearing(self._client)
        await self._client.__aenter__()

    def ask(self, request: Request[Any]) -> None:
        async def ask() -> None:
            # The client refuses requests of the extension if the server pretends to be a plain one.
            with contextlib.suppress(NotOnline, BadRequest):
                self._client.core.ask(request, lambda _: None)
                self._client._flush()

        self._run(ask())

    def say(self, to: str, text: str) -> None:
        async def say() -> None:
            self._client.send_text(to, text)

        self._run(say())

    def wait_for(self, text: str) -> None:
        wait_until_heard(self._heard, text, self.name)

    @property
    def state(self) -> ConnectionState:
        return self._client.core.state

    def log_in(self) -> None:
        self._run(self._client.__aexit__())
        self._run(self._begin())

    def close(self) -> None:
        self._run(self._client.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.store.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)


def _note(_loop: object, context: dict[str, Any]) -> None:
    logging.getLogger("messenger.client").error(
        "A task has failed: %s", context["message"], exc_info=context.get("exception")
    )


class Exceptions(logging.Handler):
    """Records each exception that ends a thread, or that a client logs as unexpected."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Record the exception of a log record, if it has one."""
        if record.exc_info:
            self._found.append(logging.Formatter().format(record))

    def raise_first(self) -> None:
        """Raise Found for the first exception, if there is one, and forget all of them."""
        found, self._found = self._found, []
        if found:
            raise Found(found[0])

    def _thread_ended(self, args: threading.ExceptHookArgs) -> None:
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        self.emit(logging.LogRecord("", 40, "", 0, "A thread has ended", (), exc_info))  # type: ignore[arg-type]


@contextlib.contextmanager
def hurried() -> Iterator[Exceptions]:
    """Have clients reconnect without delay, and record their exceptions, inside the block."""
    recorded = Exceptions()
    logger = logging.getLogger("messenger")
    hook, pause = threading.excepthook, Backoff.pause
    threading.excepthook = recorded._thread_ended
    Backoff.pause = lambda _self, _at_least=0: 0.01  # type: ignore[method-assign]
    logger.addHandler(recorded)
    try:
        yield recorded
    finally:
        logger.removeHandler(recorded)
        threading.excepthook, Backoff.pause = hook, pause  # type: ignore[method-assign]
