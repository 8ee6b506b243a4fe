"""The load: links of plain clients on one event loop, cheap enough to keep a server busy.

What is sent is made beforehand; of what comes in only the messages are counted, not decoded.
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
    """What a measured stretch was like: seconds, deliveries, their latencies in seconds."""

    seconds: float
    deliveries: int
    latencies: Sequence[float]

    @property
    def rate(self) -> float:
        """Deliveries per second."""
        return self.deliveries / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that so many of a hundred stay below, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


class Link(asyncio.Protocol):
    """One client; `heard` is called with each count of messages that have come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.messages = 0
        self.heard: Callable[[int], None] = lambda _count: None
        self.latencies: list[float] | None = None
        self.transport: Any = None
        self._tail = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The link is there."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Count what has come."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(data)
        data = self._tail + data
        count = data.count(_MESSAGE)
        # Long enough for all of a mark but its last byte, and so never counted twice.
        self._tail = data[1 - len(_MESSAGE) :]
        if count:
            self.messages += count
            if self.latencies is not None:
                self._note_latencies(data)
            self.heard(count)

    async def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and return what comes first after it."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(json.dumps({"time": 0, **request}).encode() + b"\n")
        answer = await self._answer
        self._answer = None
        return dict(json.loads(answer.split(b"\n")[0]))

    def _note_latencies(self, data: bytes) -> None:
        now = time.monotonic_ns()
        assert self.latencies is not None
        # One that two reads have parted is left out.
        self.latencies += [(now - int(stamp)) / 1e9 for stamp in _STAMP.findall(data)]


def frame(to: str, *, stamped: bool = False, numbered: bool = False) -> bytes:
    """Return a message of 100 bytes to somebody, if need be with the time in it, or an id."""
    text = f"@{time.monotonic_ns()}@".ljust(_TEXT, "x") if stamped else "x" * _TEXT
    more = b',"id":"%020d"' % next(_ids) if numbered else b""
    return b'{"action":"msg","time":0,"to":"%s","message":"%s"%s}\n' % (
        to.encode(),
        text.encode(),
        more,
    )


async def come(
    port: int,
    names: Sequence[str],
    at_once: int = 32,
    *,
    numbered: bool = False,
    tls: ssl.SSLContext | None = None,
) -> list[Link]:
    """Bring guests of these names online, if need be as clients that understand numbers."""
    turns = asyncio.Semaphore(at_once)
    more: dict[str, Any] = {"jim": 2, "features": ["numbers"]} if numbered else {}

    async def one(name: str) -> Link:
        async with turns:
            loop = asyncio.get_running_loop()
            _, link = await loop.create_connection(
                lambda: Link(name), "127.0.0.1", port, ssl=tls, server_hostname="" if tls else None
            )
            answer = await link.ask(action="presence", user={"account_name": name}, **more)
            assert answer["response"] == 200, answer
            return link

    return list(await asyncio.gather(*map(one, names)))


async def pairs(
    links: Sequence[Link],
    window: int,
    seconds: float,
    *,
    stamped: bool = False,
    numbered: bool = False,
) -> Run:
    """Have each of the links write to the one half-way on, with so many messages on their way."""
    half = len(links) // 2
    await _open_conversations(links, half)
    for number, link in enumerate(links):
        partner = links[(number + half) % len(links)]
        # What comes here was written by the partner, who may write as many again.
        made = functools.partial(frame, link.name, stamped=stamped, numbered=numbered)
        link.heard = _refill(partner, made, always_new=stamped or numbered)
        link.latencies = [] if stamped else None
        link.heard(window)
    return await _measure(links, seconds)


async def _open_conversations(links: Sequence[Link], half: int) -> None:
    """Have everyone write once: the first message makes a conversation, and is not measured."""
    for number, link in enumerate(links):
        link.transport.write(frame(links[(number + half) % len(links)].name))
    while any(not link.messages for link in links):
        await asyncio.sleep(0.1)


def _refill(writer: Link, make: Callable[[], bytes], *, always_new: bool) -> Callable[[int], None]:
    made = make()

    def heard(count: int) -> None:
        if always_new:
            writer.transport.write(b"".join(make() for _ in range(count)))
        else:
            writer.transport.write(made * count)

    return heard


async def room(links: Sequence[Link], senders: int, seconds: float) -> Run:
    """Have all links join a room, and some write, each again once all have heard the last."""
    for link in links:
        await link.ask(action="join", room="#bench")
    made = frame("#bench")
    heard = [0]
    due = len(links) - 1

    def count(found: int) -> None:
        heard[0] += found
        rounds, heard[0] = divmod(heard[0], due)
        for _ in range(rounds):
            links[turn[0] % senders].transport.write(made)
            turn[0] += 1

    turn = [0]
    for link in links:
        link.heard = count
    for link in links[:senders]:
        link.transport.write(made)
    return await _measure(links, seconds)


async def steady(links: Sequence[Link], per_second: float, seconds: float) -> Run:
    """Have the links write at a fixed rate, whatever comes of it."""
    half = len(links) // 2
    await _open_conversations(links, half)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(int(per_second * (seconds + _WARM_UP))):
        if number == int(per_second * _WARM_UP):
            for link in links:
                link.latencies = []
        await asyncio.sleep(begun + number / per_second - loop.time())
        link, partner = links[number % len(links)], links[(number + half) % len(links)]
        link.transport.write(frame(partner.name, stamped=True))
    await asyncio.sleep(0.5)
    latencies = [one for link in links for one in link.latencies or ()]
    return Run(seconds, len(latencies), latencies)


async def _measure(links: Sequence[Link], seconds: float) -> Run:
    await asyncio.sleep(_WARM_UP)
    before, begun = sum(link.messages for link in links), time.monotonic()
    for link in links:
        if link.latencies is not None:
            link.latencies.clear()
    await asyncio.sleep(seconds)
    after, ended = sum(link.messages for link in links), time.monotonic()
    latencies = [one for link in links for one in link.latencies or ()]
    for link in links:
        link.heard = lambda _count: None
    return Run(ended - begun, after - before, latencies)
