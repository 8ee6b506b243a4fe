"""What is measured: one function for each row, or few rows, of the table."""

import asyncio
import logging
import ssl
import tempfile
import time
import timeit
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from bench import encryption as encrypting
from bench import load, machine, terminal
from bench.load import Link, Run
from bench.stored import database_with
from messenger.log import log

_SECONDS = 4.0
_LINKS = 100
_LETTERS = "бгджзилпфцчшщъыьэюяѣѳѵ"  # they stand nowhere else on the screen
_PASSWORD = "correct horse battery"


class Figure(NamedTuple):
    """A row of the table: the value, its unit, the bar that it has to clear, and the relay's.

    `at_most` tells that less is better.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_most: bool = False
    relay: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the bar is cleared."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.at_most else self.value >= self.bar


class Options(NamedTuple):
    """How long each stretch is measured, and how many messages a full database holds."""

    seconds: float = _SECONDS
    rows: int = 10_000_000
    most_links: int = 10_000


Scenario = Callable[[Options], Iterator[Figure]]
Work = Callable[[int], Coroutine[Any, Any, Run]]


def pairs(options: Options) -> Iterator[Figure]:
    """Person to person: 100 links, 16 messages on their way from each, then 1."""
    run, cpu, relay = _with_relay(_pairs(_LINKS, 16, options.seconds))
    yield Figure("pairs W=16", run.rate, "/s", bar=100_000, relay=relay.rate)
    yield Figure("pairs W=16, CPU of the server", 1e6 * cpu, "µs", bar=9, at_most=True)
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        run = uvloop.run(_numbered_pairs(server.port, options.seconds))
    yield Figure("pairs W=16, with numbers and ids", run.rate, "/s")
    run, _, relay = _with_relay(_pairs(_LINKS, 1, options.seconds, stamped=True))
    yield Figure("pairs W=1", run.rate, "/s", bar=30_000, relay=relay.rate)
    yield Figure("pairs W=1, p99", run.percentile(99), "ms", bar=10, at_most=True)


def rooms(options: Options) -> Iterator[Figure]:
    """A room of 200 and one of 1,000, in which 10 write."""
    for members in (200, 1_000):
        run, cpu, relay = _with_relay(_room(members, options.seconds))
        name = f"room of {members:,}"
        yield Figure(name, run.rate, "/s", bar=500_000, relay=relay.rate)
        yield Figure(f"{name}, CPU of the server", 1e6 * cpu, "µs")


def latency(options: Options) -> Iterator[Figure]:
    """500 messages a second, from the sending to the delivery, the commit included."""
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        run = uvloop.run(_steady(server.port, options.seconds))
    yield Figure("500/s, p50", run.percentile(50), "ms", bar=1, at_most=True)
    yield Figure("500/s, p99", run.percentile(99), "ms", bar=3, at_most=True)


def idle(options: Options) -> Iterator[Figure]:
    """What a link costs that says nothing, and how fast guests come in."""
    count = min(5_000, options.most_links)
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        before = server.memory
        seconds = uvloop.run(_come(server.port, count))
        # While the links are closed the memory is still there.
        grown = server.memory - before
    yield Figure("logins as guests", count / seconds, "/s", bar=10_000)
    yield Figure("memory of an idle link", grown / count / 1024, "KB", bar=4, at_most=True)


def logins(options: Options) -> Iterator[Figure]:
    """Logins with passwords, and what they do to a chat beside them."""
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        rate, run = uvloop.run(_log_in_beside_a_chat(server.port, options.seconds))
    yield Figure("logins with passwords", rate, "/s")
    yield Figure("chat beside them, p99", run.percentile(99), "ms")


def growth(options: Options) -> Iterator[Figure]:
    """The same work with more links, and with a full database."""
    for links in (100, 1_000, 10_000):
        if links <= options.most_links:
            run, _, relay = _with_relay(_pairs(links, 16, options.seconds))
            yield Figure(f"pairs W=16, {links:,} links", run.rate, "/s", relay=relay.rate)
    directory = database_with(options.rows)
    with machine.server(directory) as server:
        yield Figure(
            f"start, {options.rows:,} stored messages", server.start_up, "s", 1.5, at_most=True
        )
        run = uvloop.run(_pairs(_LINKS, 16, options.seconds)(server.port))
    yield Figure(f"pairs W=16, {options.rows:,} stored messages", run.rate, "/s", bar=100_000)


def tls(options: Options) -> Iterator[Figure]:
    """What TLS costs: the same work, the same links, encrypted."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    count = min(2_000, options.most_links)
    for name, secret in (("plain", None), ("TLS", context)):
        with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
            before = server.cpu
            run = uvloop.run(_pairs(_LINKS, 16, options.seconds, tls=secret)(server.port))
            used = (server.cpu - before) * run.seconds / (run.seconds + 1)
        yield Figure(f"{name}, pairs W=16", run.rate, "/s")
        yield Figure(f"{name}, CPU of the server", 1e6 * used / max(1, run.deliveries), "µs")
        with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
            memory = server.memory
            seconds = uvloop.run(_come(server.port, count, tls=secret))
            grown = server.memory - memory
        yield Figure(f"{name}, logins as guests", count / seconds, "/s")
        yield Figure(f"{name}, memory of an idle link", grown / count / 1024, "KB")


def start(options: Options) -> Iterator[Figure]:
    """From the command to the first client: a new server, and one that was there before."""
    with tempfile.TemporaryDirectory() as data:
        for name in ("start, new", "start, empty"):
            with machine.server(Path(data)) as server:
                yield Figure(name, server.start_up, "s", bar=1, at_most=True)


def encryption(options: Options) -> Iterator[Figure]:
    """End-to-end encryption at a client, on one core, with an encrypted database."""
    count = max(1_000, int(2_500 * options.seconds))
    encrypted, opened, restored = encrypting.seal_and_open(count)
    yield Figure("messages sealed", encrypted, "/s", bar=15_000)
    yield Figure("messages opened", opened, "/s", bar=10_000)
    yield Figure("history of 10,000 opened on a new device", restored, "s", bar=10, at_most=True)
    for devices in (100, 1_000):
        took = min(encrypting.share(devices) for _ in range(3))
        bar = 0.5 if devices == 1_000 else None
        yield Figure(f"a room's key for {devices:,} devices", took, "s", bar=bar, at_most=True)


def screen(options: Options) -> Iterator[Figure]:
    """The full-screen client with 100,000 messages in 500 conversations: to open it, and a key."""
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data) / "server") as server:
        terminal.profile_with(Path(data), server.port, friends=500, each=200)
        opened = []
        for _ in range(3):
            with terminal.client(Path(data)) as client:
                opened.append(client.wait_for("friend499"))
                client.wait_for("online")
                client.drain()
                keys = [1e3 * client.time_key(key) for key in _LETTERS for _ in range(3)]
        keys.sort()
        yield Figure("screen, opened", min(opened), "s", bar=1, at_most=True)
        yield Figure("screen, a key, p50", keys[len(keys) // 2], "ms")
        yield Figure("screen, a key, p99", keys[len(keys) * 99 // 100], "ms", bar=50, at_most=True)


def logging_off(options: Options) -> Iterator[Figure]:
    """What `@log` costs a call while its level is off."""

    def plain(number: int) -> int:
        return number

    logging.getLogger("messenger").setLevel(logging.INFO)
    logged = log(plain)
    count = 1_000_000
    cost = min(timeit.repeat(lambda: logged(1), number=count, repeat=5))
    bare = min(timeit.repeat(lambda: plain(1), number=count, repeat=5))
    yield Figure("@log, level off", 1e6 * (cost - bare) / count, "µs", bar=0.1, at_most=True)


SCENARIOS: tuple[Scenario, ...] = (
    pairs, rooms, latency, idle, logins, growth, tls, encryption, start, screen, logging_off,
)  # fmt: skip


def _with_relay(work: Work) -> tuple[Run, float, Run]:
    """Do the work with the server and with the relay; the CPU of the server is per delivery."""
    with machine.relay() as relay:
        of_relay = uvloop.run(work(relay.port))
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        before = server.cpu
        run = uvloop.run(work(server.port))
        # The warm-up has cost too, a second of it.
        used = (server.cpu - before) * run.seconds / (run.seconds + 1)
    return run, used / max(1, run.deliveries), of_relay


def _pairs(
    links: int,
    window: int,
    seconds: float,
    *,
    stamped: bool = False,
    tls: ssl.SSLContext | None = None,
) -> Work:
    async def work(port: int) -> Run:
        made = await load.come(port, _names(links), tls=tls)
        return await load.pairs(made, window, seconds, stamped=stamped)

    return work


async def _numbered_pairs(port: int, seconds: float) -> Run:
    links = await load.come(port, _names(_LINKS), numbered=True)
    return await load.pairs(links, 16, seconds, numbered=True)


def _room(members: int, seconds: float) -> Work:
    async def work(port: int) -> Run:
        return await load.room(await load.come(port, _names(members)), 10, seconds)

    return work


async def _steady(port: int, seconds: float) -> Run:
    return await load.steady(await load.come(port, _names(_LINKS)), 500, 2 * seconds)


async def _come(port: int, count: int, tls: ssl.SSLContext | None = None) -> float:
    begun = time.monotonic()
    await load.come(port, _names(count), tls=tls)
    return time.monotonic() - begun


async def _log_in_beside_a_chat(port: int, seconds: float) -> tuple[float, Run]:
    names = [f"account{number}" for number in range(8)]
    loop = asyncio.get_running_loop()
    links: list[Link] = []
    for name in names:
        _, link = await loop.create_connection(lambda name=name: Link(name), "127.0.0.1", port)
        await link.ask(action="register", user={"account_name": name, "password": _PASSWORD})
        links.append(link)
    count = 0
    ends = loop.time() + seconds

    async def again_and_again(link: Link) -> None:
        nonlocal count
        user = {"account_name": link.name, "password": _PASSWORD}
        while loop.time() < ends:
            answer = await link.ask(action="authenticate", user=user)
            assert answer["response"] == 200, answer
            await link.ask(action="logout")
            count += 1

    chat = load.steady(await load.come(port, _names(_LINKS)), 100, seconds)
    run, *_ = await asyncio.gather(chat, *map(again_and_again, links))
    return count / seconds, run


def _names(count: int) -> list[str]:
    return [f"u{number}" for number in range(count)]
