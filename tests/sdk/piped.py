"""Clients whose bytes are held on the way, in both directions, until a test lets them arrive."""

from collections import deque
from pathlib import Path
from typing import Any

from messenger.sdk import Store
from tests.in_process import InProcessClient, InProcessServer


class PipedClient(InProcessClient):
    """A client at a server in this process; while it `is_held`, what is sent stays on the way.

    What arrives is read at once, as from a socket, so that it is one batch.
    """

    def __init__(
        self, server: InProcessServer, name: str, file: Path, *, register: bool = True
    ) -> None:
        super().__init__(server, name, Store(file), register=register)
        self.file = file
        self.is_held = False
        self._up: deque[bytes] = deque()
        self._down: deque[bytes] = deque()

    @property
    def is_connected(self) -> bool:
        """Whether it has a connection, on which something may be on the way."""
        return self._wire is not None

    @property
    def is_waiting(self) -> bool:
        """Whether a request will be answered without the test's doing."""
        return not self.is_held and super().is_waiting

    def start(self) -> None:
        """Connect and log in."""
        self.is_held = False
        super().start()
        # Requests for keys that got lost are repeated as its clock says.
        self.core.encryption._requests._clock = self.clock

    def use(self, server: InProcessServer) -> None:
        """Connect to this server from now on."""
        self._server = server

    def flow(self) -> None:
        """Let everything arrive, now and from now on."""
        self.is_held = False
        self.let_up()
        self.let_down()
        self.settle()

    def let_up(self, count: int | None = None) -> None:
        """Let the server read so many of the objects that are on the way to it, or all."""
        if self._wire is not None and (data := _taken(self._up, count)):
            self._connection.data_received(data)

    def let_down(self, count: int | None = None) -> None:
        """Read so many of the objects that are on the way to the client, or all."""
        if self._wire is not None and (data := _taken(self._down, count)):
            self.core.received(data, self.clock())
            self.tell_all()

    def hand_over(self) -> None:
        """Put on the way what there is to send."""
        if self._wire is not None:
            self._up += self.core.data_to_send().splitlines(keepends=True)
            if not self.is_held:
                self.let_up()

    def take(self, data: bytes) -> None:
        """Take what the server has sent, or keep it on the way."""
        self._down += data.splitlines(keepends=True)
        if not self.is_held:
            self.let_down()
        self._server.wake()

    def break_off(self) -> None:
        """Break the connection: what was on the way is lost."""
        super().break_off()
        self._up.clear()
        self._down.clear()

    def kill(self) -> None:
        """End the program at once: what it has not stored is lost."""
        if self._wire is not None:
            self._wire = None
            self._server.clients.remove(self)
            self._connection.connection_lost(None)
        self.store._queued.clear()  # They are in the queue's file.
        self.store.close()


def _taken(frames: deque[bytes], count: int | None) -> bytes:
    taken = len(frames) if count is None else min(count, len(frames))
    return b"".join(frames.popleft() for _ in range(taken))


def restarted(server: InProcessServer, data: Path, clients: list[PipedClient]) -> InProcessServer:
    """Stop a server whose clients have lost their connections, and start another one.

    It stores what it has read; nobody gets its answers.
    """
    for client in clients:
        client.break_off()
    server.close()
    again = InProcessServer(data)
    for client in clients:
        client.use(again)
    return again


def refuse_next(server: InProcessServer, errors: list[Any]) -> None:
    """Have the server refuse messages with these errors, as long as there are some; None is none.

    The list may be filled later.
    """
    rates = server.server.services.rates
    honest = rates.count

    def count(rate: str, account: Any) -> None:
        if rate == "message" and errors and (error := errors.pop(0)) is not None:
            raise error
        honest(rate, account)

    rates.count = count  # type: ignore[method-assign]  to refuse what it would let pass
