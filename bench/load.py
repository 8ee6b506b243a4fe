"""Generates load: connections of plain clients on one event loop, cheap enough for a busy server.

Frames are encoded beforehand; received messages are counted, not decoded.
"""

import asyncio
import functools
import itertools
import json
import re
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

_MESSAGE = b'"msg"'
_STAMP = re.compile(rb"@(\d+)@")
_TEXT = 100
_WARM_UP = 1.0
_ids = itertools.count(time.time_ns())


class Run(NamedTuple):
    """The result of a measurement: its seconds, deliveries, and their latencies in seconds."""

    seconds: float
    deliveries: int
    latencies: Sequence[float]

    @property
    def rate(self) -> float:
        """Deliveries per second."""
        return self.deliveries / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that this percentage of the deliveries stays below, in ms."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


class Connection(asyncio.Protocol):
    """One client; `on_messages` is called with the number of messages in each read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.messages = 0
        self.on_messages: Callable[[int], None] = lambda _count: None
        self.latencies: list[float] | None = None
        self.transport: Any = None
        self._tail = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Count the messages that have arrived."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(data)
        data = self._tail + data
        count = data.count(_MESSAGE)
        # One byte shorter than what is counted, so that nothing is counted twice.
        self._tail = data[1 - len(_MESSAGE) :]
        if count:
            self.messages += count
            if self.latencies is not None:
                self._add_latencies(data)
            self.on_messages(count)

    async def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request, and return the first object that is received after it."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(json.dumps({"time": 0, **request}).encode() + b"\n")
        answer = await self._answer
        self._answer = None
        return dict(json.loads(answer.split(b"\n")[0]))

    def _add_latencies(self, data: bytes) -> None:
        now = time.monotonic_ns()
        assert self.latencies is not None
        # A time stamp that is split between two reads is left out.
        self.latencies += [(now - int(stamp)) / 1e9 for stamp in _STAMP.findall(data)]


def frame(to: str, *, stamped: bool = False, numbered: bool = False) -> bytes:
    """Return a message of 100 bytes: `stamped` with the time, `numbered` with an id."""
    text = f"@{time.monotonic_ns()}@".ljust(_TEXT, "x") if stamped else "x" * _TEXT
    more = b',"id":"%020d"' % next(_ids) if numbered else b""
    return b'{"action":"msg","time":0,"to":"%s","message":"%s"%s}\n' % (
        to.encode(),
        text.encode(),
        more,
    )


async def connect_guests(
    port: int,
    names: Sequence[str],
    at_once: int = 32,
    *,
    numbered: bool = False,
    tls: ssl.SSLContext | None = None,
) -> list[Connection]:
    """Log in guests with these names, if `numbered` with the feature of that name."""
    turns = asyncio.Semaphore(at_once)
    more: dict[str, Any] = {"jim": 2, "features": ["numbers"]} if numbered else {}

    async def log_in(name: str) -> Connection:
        async with turns:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(
                lambda: Connection(name),
                "127.0.0.1",
                port,
                ssl=tls,
                server_hostname="" if tls else None,
            )
            answer = await connection.ask(action="presence", user={"account_name": name}, **more)
            assert answer["response"] == 200, answer
            return connection

    return list(await asyncio.gather(*map(log_in, names)))


async def pairs(
    connections: Sequence[Connection],
    window: int,
    seconds: float,
    *,
    stamped: bool = False,
    numbered: bool = False,
) -> Run:
    """Have each client write to the one half-way on, with `window` messages in flight."""
    half = len(connections) // 2
    await _open_conversations(connections, half)
    for number, connection in enumerate(connections):
        partner = connections[(number + half) % len(connections)]
        # The partner wrote what arrives here, and may write as many messages again.
        make = functools.partial(frame, connection.name, stamped=stamped, numbered=numbered)
        connection.on_messages = _refill(partner, make, always_new=stamped or numbered)
        connection.latencies = [] if stamped else None
        connection.on_messages(window)
    return await _measure(connections, seconds)


async def _open_conversations(connections: Sequence[Connection], half: int) -> None:
    """Have everyone write once: the first message creates a conversation, and is not measured."""
    for number, connection in enumerate(connections):
        connection.transport.write(frame(connections[(number + half) % len(connections)].name))
    while any(not connection.messages for connection in connections):
        await asyncio.sleep(0.1)


def _refill(
    sender: Connection, make: Callable[[], bytes], *, always_new: bool
) -> Callable[[int], None]:
    made = make()

    def on_messages(count: int) -> None:
        if always_new:
            sender.transport.write(b"".join(make() for _ in range(count)))
        else:
            sender.transport.write(made * count)

    return on_messages


async def room(connections: Sequence[Connection], senders: int, seconds: float) -> Run:
    """Have all clients join a room, and some write: each again once all have got the last one."""
    for connection in connections:
        await connection.ask(action="join", room="#bench")
    made = frame("#bench")
    received = [0]
    due = len(connections) - 1

    def on_messages(count: int) -> None:
        received[0] += count
        rounds, received[0] = divmod(received[0], due)
        for _ in range(rounds):
            connections[turn[0] % senders].transport.write(made)
            turn[0] += 1

    turn = [0]
    for connection in connections:
        connection.on_messages = on_messages
    for connection in connections[:senders]:
        connection.transport.write(made)
    return await _measure(connections, seconds)


async def steady(connections: Sequence[Connection], per_second: float, seconds: float) -> Run:
    """Have the clients write at a fixed rate, however slow the server is."""
    half = len(connections) // 2
    await _open_conversations(connections, half)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(int(per_second * (seconds + _WARM_UP))):
        if number == int(per_second * _WARM_UP):
            for connection in connections:
                connection.latencies = []
        await asyncio.sleep(begun + number / per_second - loop.time())
        connection = connections[number % len(connections)]
        partner = connections[(number + half) % len(connections)]
        connection.transport.write(frame(partner.name, stamped=True))
    await asyncio.sleep(0.5)
    latencies = _latencies(connections)
    return Run(seconds, len(latencies), latencies)


async def _measure(connections: Sequence[Connection], seconds: float) -> Run:
    await asyncio.sleep(_WARM_UP)
    before, begun = sum(one.messages for one in connections), time.monotonic()
    for connection in connections:
        if connection.latencies is not None:
            connection.latencies.clear()
    await asyncio.sleep(seconds)
    after, ended = sum(one.messages for one in connections), time.monotonic()
    latencies = _latencies(connections)
    for connection in connections:
        connection.on_messages = lambda _count: None
    return Run(ended - begun, after - before, latencies)


def _latencies(connections: Sequence[Connection]) -> list[float]:
    return [latency for connection in connections for latency in connection.latencies or ()]
