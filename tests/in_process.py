"""The real server and real clients in one process: bytes go from hand to hand, without a socket.

Nothing waits for time: `settle` runs the server's event loop until all that was asked is answered
and all that it was to send has been taken.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from messenger.sdk import Client, Credentials, Store
from messenger.sdk.errors import ConnectionLost, ServerClosed
from messenger.sdk.events import ConnectionState, CoreEvent
from messenger.sdk.store import StoredMessage
from messenger.sdk.verbs.verb import Begin
from messenger.server.app import Server
from messenger.server.config import Settings
from messenger.server.program import make_server, open_database
from messenger.server.tls import Tls
from tests.stretching import PASSWORD

_PATIENCE = 60  # seconds; what takes so long hangs


class InProcessServer:
    """The real server, without a listener; `clients` are those that are connected."""

    def __init__(self, data: Path, **changes: Any) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = Settings(data=data, limits_on=False, **changes)
        self.loop = asyncio.SelectorEventLoop()
        self.engine = open_database(settings)
        self.server: Server = make_server(settings, self.engine, self.loop, Tls(settings))
        self.loop.run_until_complete(self.server.open())
        self.clients: list[InProcessClient] = []
        self._woken = asyncio.Event()

    def close(self) -> None:
        """Stop the server."""
        for client in self.clients[:]:
            client.break_off()
        self.loop.run_until_complete(self.server.close())
        self.engine.dispose()
        self.loop.close()

    def wake(self) -> None:
        """Something was sent to a client."""
        self._woken.set()

    def settle(self) -> None:
        """Run until nothing is under way, neither at the server nor at any client."""
        self.loop.run_until_complete(asyncio.wait_for(self._settle(), _PATIENCE))

    async def _settle(self) -> None:
        while True:
            self._woken.clear()
            for client in self.clients[:]:
                client.hand_over()
            if any(client.is_waiting for client in self.clients):
                await self._woken.wait()
            elif await self._is_quiet():
                return

    async def _is_quiet(self) -> bool:
        """Wait for what the server does by itself; tell whether nothing has come of it."""
        if tasks := self.server._background._tasks:
            await asyncio.wait(tasks)
        await self.server.services.journal._idle.wait()
        await asyncio.sleep(0)  # what is flushed at the end of a turn
        return not self._woken.is_set()


class InProcessClient(Client):
    """A client whose verbs return when everything that follows from them is done.

    `told` is what it has told; `pass_time` moves its clock. `lie` may replace each of the frames
    that the server sends by others.
    """

    def __init__(
        self,
        server: InProcessServer,
        name: str,
        store: Store,
        *,
        password: str | None = PASSWORD,
        register: bool = True,
        certificate: bytes = b"",
    ) -> None:
        credentials = Credentials(name, password, register=register and password is not None)
        super().__init__("127.0.0.1", 1, credentials, store, program="tests")
        self.name = name
        self.told: list[CoreEvent] = []
        self.lie: Callable[[bytes], Iterable[bytes]] = lambda frame: [frame]
        self._server = server
        self._presented = certificate
        self._later = 0.0
        self._wire: Wire | None = None

    def start(self) -> None:
        """Connect and log in."""
        self._wire = Wire(self)
        self._connection = self._server.server.new_connection()
        self._connection.certificate = self._presented
        self._connection.connection_made(self._wire)
        self.core.connecting()
        self.core.connected(self.clock(), self._presented)
        self._server.clients.append(self)
        self.settle()
        self.pass_time(1)

    def break_off(self) -> None:
        """Break the connection, if there is one."""
        if self._wire is not None:
            self._wire = None
            self._server.clients.remove(self)
            self._connection.connection_lost(None)
            self.core.disconnected(ServerClosed())
            self.tell_all()

    def close(self) -> None:
        """End the connection, and close the database."""
        self.core.close()
        self.break_off()
        self.store.close()

    def log_in(self, credentials: Credentials) -> None:
        """Try again with other credentials."""
        super().log_in(credentials)
        self.break_off()
        self.start()

    def clock(self) -> float:
        """Return the time of this client: monotonic, in seconds."""
        return time.monotonic() + self._later

    def pass_time(self, seconds: float) -> bool:
        """Have so many seconds be over; tell whether the connection is alive."""
        self._later += seconds
        alive = self.core.tick(self.clock())
        self.settle()
        return alive

    def settle(self) -> None:
        """Wait for everything that follows from what was asked."""
        self._server.settle()

    # --- what the server's side calls ----------------------------------------------------------

    @property
    def is_online(self) -> bool:
        """Whether the server has let the user in."""
        return self.core.state is ConnectionState.ONLINE

    @property
    def is_waiting(self) -> bool:
        """Whether a request has no answer yet."""
        link = self.core._link
        return link is not None and not link.is_idle

    def hand_over(self) -> None:
        """Hand the server what there is to send."""
        if self._wire is not None and (data := self.core.data_to_send()):
            self._connection.data_received(data)

    def take(self, data: bytes) -> None:
        """Take what the server has sent."""
        for frame in data.splitlines(keepends=True):
            for one in self.lie(frame):
                self.core.received(one, self.clock())
        self.tell_all()
        self._server.wake()

    def tell_all(self) -> None:
        """Tell handlers what has happened."""
        events = self.core.events()
        self.told += events
        self._handlers.tell(events)

    # --- verbs ---------------------------------------------------------------------------------

    def say(self, conversation: str, text: str) -> StoredMessage:
        """Write, and return the message as it is once the server has answered."""
        sent_id = self.send_text(conversation, text).sent_id
        self.settle()
        return next(one for one in self.all(conversation) if one.sent_id == sent_id)

    def heard(self, conversation: str) -> list[str]:
        """Return what others have written there, as far as it can be read."""
        return [one.text for one in self.all(conversation) if one.sender != self.name]

    def all(self, conversation: str) -> list[StoredMessage]:
        """Return every message of a conversation."""
        return self.store.page(conversation, limit=10_000)

    def of(self, kind: type) -> list[Any]:
        """Return the events of this kind that it has told."""
        return [event for event in self.told if isinstance(event, kind)]

    def post(self, request: Any) -> None:
        """Send a request whose reply nobody needs."""
        super().post(request)
        self.settle()

    def _soon(self, do: Callable[[], object]) -> None:
        do()

    async def _wait_for(self, begin: Begin, timeout: float) -> Any:  # noqa: ASYNC109  as in Client
        answers: list[Any] = []
        begin(self.core.reading.until_stored(answers.append))
        self.settle()
        if not answers:
            raise ConnectionLost
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]


Users = Callable[..., InProcessClient]


@contextmanager
def logging_in(server: InProcessServer, directory: Path) -> Iterator[Users]:
    """Log people in, with a database each in this directory; they are gone at the end."""
    made: list[InProcessClient] = []

    def log_in(name: str, **options: Any) -> InProcessClient:
        options.setdefault("store", Store(directory / f"{len(made)}.db"))
        made.append(InProcessClient(server, name, **options))
        made[-1].start()
        return made[-1]

    yield log_in
    for one in made:
        one.close()


class Wire(asyncio.Transport):
    """The server's end of a connection to a client in the same process."""

    def __init__(self, client: InProcessClient) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self._client = client
        self._closed = False

    def write(self, data: Any) -> None:
        """Hand the client what was sent to it."""
        if not self._closed:
            self._client.take(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer: the client takes everything at once."""

    def get_write_buffer_size(self) -> int:
        """Return 0: what is written has been taken."""
        return 0

    def is_reading(self) -> bool:
        """Tell that bytes are taken at any time."""
        return True

    def pause_reading(self) -> None:
        """Take bytes all the same: the server would keep them."""

    def can_write_eof(self) -> bool:
        """Tell that there is no half of a connection."""
        return False

    def is_closing(self) -> bool:
        """Tell whether the server has closed the connection."""
        return self._closed

    def close(self) -> None:
        """Close the connection."""
        self._closed = True
        self._client.break_off()
        self._client._server.wake()

    def abort(self) -> None:
        """Close the connection at once."""
        self.close()
