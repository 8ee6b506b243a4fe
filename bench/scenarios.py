"""The benchmarks: one function for each row, or few rows, of the table."""

import asyncio
import logging
import ssl
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import uvloop

from bench import client_store, clients, databases, load, machine, terminal, work, xmpp
from bench import encryption as end_to_end
from bench.admin_window import measure as measure_admin_window
from bench.desktop import full_profile, measure
from bench.figures import Figure, Options, Scenario
from bench.load import Connection, Run
from bench.moving import move
from bench.stored import database_with
from bench.work import Work
from messenger.log import log
from tests.admin_window.large_server import fill

_KEYS = "бгджзилпфцчшщъыьэюяѣѳѵ"  # letters that are nowhere else on the screen
_PASSWORD = "correct horse battery"
_CONVERSATIONS, _STORM = 2_000, 1_000  # of the desktop client; messages a second

_Result = TypeVar("_Result")


def pairs(options: Options) -> Iterator[Figure]:
    """Direct chats: 100 connections, each with 16 messages in flight, then with 1."""
    run, cpu, relay = _with_relay(work.pairs(work.CONNECTIONS, 16, options.seconds))
    yield Figure("pairs W=16", run.rate, "/s", target=100_000, relay=relay.rate)
    yield Figure("pairs W=16, CPU of the server", 1e6 * cpu, "µs", target=9, at_most=True)
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        numbered = uvloop.run(work.numbered_pairs(server.port, options.seconds))
    yield Figure("pairs W=16, with numbers and ids", numbered.rate, "/s")
    share = 100 * numbered.rate / run.rate
    yield Figure("pairs W=16, with numbers and ids, of those without", share, "%", target=80)
    run, _, relay = _with_relay(work.pairs(work.CONNECTIONS, 1, options.seconds, stamped=True))
    yield Figure("pairs W=1", run.rate, "/s", target=30_000, relay=relay.rate)
    yield Figure("pairs W=1, p99", run.percentile(99), "ms", target=10, at_most=True)


def rooms(options: Options) -> Iterator[Figure]:
    """A room of 200 members and one of 1,000, in which 10 write."""
    for members in (200, 1_000):
        run, cpu, relay = _with_relay(work.room(members, options.seconds))
        name = f"room of {members:,}"
        yield Figure(name, run.rate, "/s", target=500_000, relay=relay.rate)
        yield Figure(f"{name}, CPU of the server", 1e6 * cpu, "µs")


def latency(options: Options) -> Iterator[Figure]:
    """500 messages a second, from sending to delivery, including the commit."""
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        run = uvloop.run(work.steady(server.port, options.seconds))
    yield Figure("500/s, p50", run.percentile(50), "ms", target=1, at_most=True)
    yield Figure("500/s, p99", run.percentile(99), "ms", target=3, at_most=True)


def idle(options: Options) -> Iterator[Figure]:
    """The memory of a silent connection, and how fast guests log in."""
    count = min(5_000, options.max_connections)
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        before = server.memory
        seconds = uvloop.run(work.connect_guests(server.port, count))
        # While the connections are being closed their memory is still in use.
        grown = server.memory - before
    yield Figure("logins as guests", count / seconds, "/s", target=10_000)
    yield Figure("memory of an idle connection", grown / count / 1024, "KB", target=4, at_most=True)


def logins(options: Options) -> Iterator[Figure]:
    """Logins with passwords, and the latency of a chat meanwhile."""
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        rate, run = uvloop.run(_log_in_during_a_chat(server.port, options.seconds))
    yield Figure("logins with passwords", rate, "/s")
    yield Figure("chat meanwhile, p99", run.percentile(99), "ms")


def growth(options: Options) -> Iterator[Figure]:
    """The same work with more connections, and with a full database."""
    for count in (100, 1_000, 10_000):
        if count <= options.max_connections:
            run, _, relay = _with_relay(work.pairs(count, 16, options.seconds))
            yield Figure(f"pairs W=16, {count:,} connections", run.rate, "/s", relay=relay.rate)
    directory = database_with(options.rows)
    with machine.server(directory) as server:
        yield Figure(
            f"start, {options.rows:,} stored messages", server.start_up, "s", 1.5, at_most=True
        )
        run = uvloop.run(work.pairs(work.CONNECTIONS, 16, options.seconds)(server.port))
    yield Figure(f"pairs W=16, {options.rows:,} stored messages", run.rate, "/s", target=100_000)


def tls(options: Options) -> Iterator[Figure]:
    """The cost of TLS: the same work with and without it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    count = min(2_000, options.max_connections)
    for name, secret in (("plain", None), ("TLS", context)):
        chats = work.pairs(work.CONNECTIONS, 16, options.seconds, tls=secret)
        with tempfile.TemporaryDirectory() as data:
            run, cpu = work.with_server(chats, Path(data))
        yield Figure(f"{name}, pairs W=16", run.rate, "/s")
        yield Figure(f"{name}, CPU of the server", 1e6 * cpu, "µs")
        with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
            memory = server.memory
            seconds = uvloop.run(work.connect_guests(server.port, count, tls=secret))
            grown = server.memory - memory
        yield Figure(f"{name}, logins as guests", count / seconds, "/s")
        yield Figure(f"{name}, memory of an idle connection", grown / count / 1024, "KB")


def start(options: Options) -> Iterator[Figure]:
    """From the command until a client can connect: a new server, and one with a database.

    And how long a program waits that imports the library, or a client.
    """
    with tempfile.TemporaryDirectory() as data:
        for name in ("start, new", "start, empty"):
            with machine.server(Path(data)) as server:
                yield Figure(name, server.start_up, "s", target=1, at_most=True)
    yield Figure("import messenger.sdk", _import("messenger.sdk"), "s", 0.3, at_most=True)
    yield Figure("import messenger.sdk.client", _import("messenger.sdk.client"), "s")


def _import(module: str) -> float:
    """Return the seconds that an import takes in a new process, at best."""
    timed = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", timed]
    # The first one may have to compile, and reads the files from the disk.
    return min(float(subprocess.check_output(command)) for _ in range(6))


def encryption(options: Options) -> Iterator[Figure]:
    """End-to-end encryption in a client, on one core, with an encrypted database."""
    count = max(1_000, int(2_500 * options.seconds))
    encrypted, decrypted, restored = end_to_end.encrypt_and_decrypt(count)
    yield Figure("messages encrypted", encrypted, "/s", target=15_000)
    yield Figure("messages decrypted", decrypted, "/s", target=10_000)
    name = "history of 10,000 decrypted on a new device"
    yield Figure(name, restored, "s", target=10, at_most=True)
    for devices in (100, 1_000):
        took = min(end_to_end.share(devices) for _ in range(3))
        target = 0.5 if devices == 1_000 else None
        yield Figure(f"a room's key for {devices:,} devices", took, "s", target, at_most=True)


def client(options: Options) -> Iterator[Figure]:
    """Our own clients, on one core, with encrypted databases: what they take in, and send."""
    count = max(500, int(500 * options.seconds))
    yield Figure("a client takes in a burst", _with(clients.burst, 5 * count), "/s", 6_000)
    for encrypted, target in ((False, 6_000), (True, 4_000)):
        name = f"a client takes in a backlog, {'encrypted' if encrypted else 'plain'}"
        size = count if encrypted else 5 * count  # a client has to send the encrypted one
        rate = _with(clients.backlog, size, encrypted=encrypted)
        yield Figure(name, rate, "/s", target)
    for encrypted, stored, target in (
        (False, True, 4_000),
        (True, True, 1_500),
        (False, False, 6_000),
        (True, False, 3_000),
    ):
        kind = "encrypted" if encrypted else "plain"
        name = f"from client to client, {kind}, {'stored' if stored else 'in memory'}"
        rate = _with(clients.end_to_end, count, encrypted=encrypted, stored=stored)
        yield Figure(name, rate, "/s", target)
    used = _with(clients.idle, 10 * int(options.seconds))
    yield Figure("an idle client, of a core", 100 * used, "%", target=0.2, at_most=True)
    if missing := xmpp.missing():
        print(f"Not measured: slixmpp through Prosody, as {missing} is not installed")
    else:
        name = "from slixmpp to slixmpp through Prosody, plain, stored nowhere"
        yield Figure(name, xmpp.end_to_end(2 * count), "/s")
    took = _with(clients.calls, 1_000, options.seconds)
    name = "send_text returns while 1,000/s arrive"
    yield Figure(f"{name}, p50", _percentile(took, 50), "ms")
    yield Figure(f"{name}, p99", _percentile(took, 99), "ms", 5, at_most=True)
    took = _with(clients.delays, int(100 * options.seconds))
    name = "from send_text to the event at the other client, encrypted"
    yield Figure(f"{name}, p50", _percentile(took, 50), "ms", 8, at_most=True)
    yield Figure(f"{name}, p99", _percentile(took, 99), "ms", 25, at_most=True)


def _percentile(seconds: list[float], share: float) -> float:
    return Run(1, len(seconds), seconds).percentile(share)


def _with(call: Callable[..., _Result], *args: float, **kwargs: bool) -> _Result:
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data)) as server:
        return call(server.port, *args, **kwargs)


def client_database(options: Options) -> Iterator[Figure]:
    """What a window reads of a client's full database: its list, pages and searches."""
    rows, rooms = min(1_000_000, options.rows), 2_000
    with client_store.full(rows, rooms, searchable=False) as store:
        took = client_store.summaries(store)
        yield Figure(f"list of {rooms:,}, first", took[0], "ms")
        yield Figure(f"list of {rooms:,}", sorted(took)[2], "ms", target=50, at_most=True)
        took = client_store.summaries(store, client_store.two(rooms))
        yield Figure("two rows of the list", sorted(took)[2], "ms", target=1, at_most=True)
        took = client_store.pages(store, rooms, rows // rooms, 2 * options.seconds)
        name = f"a page of 100 out of {rows:,}, 1,000/s arrive"
        yield Figure(f"{name}, p50", took[len(took) // 2], "ms")
        yield Figure(f"{name}, p99", took[len(took) * 99 // 100], "ms", target=20, at_most=True)
    rows = min(200_000, options.rows)
    with client_store.full(rows, 200, searchable=True) as store:
        for said, letters, target in (
            ("3 letters or more", (3, 4, 5, 8, 12), 20),
            ("1-2", (1, 2), 100),
        ):
            for where, conversation in (("", None), (" in a conversation", "#room3")):
                took = client_store.searches(store, letters, conversation)
                name = f"search for {said}, {rows:,} messages{where}, p95"
                yield Figure(name, took[len(took) * 95 // 100], "ms", target, at_most=True)


def screen(options: Options) -> Iterator[Figure]:
    """The full-screen client with 100,000 messages in 500 conversations: its start, and a key."""
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data) / "server") as server:
        terminal.profile_with(Path(data), server.port, friends=500, each=200)
        opened = []
        for _ in range(3):
            with terminal.client(Path(data)) as client:
                opened.append(client.wait_for("friend499"))
                client.wait_for("online")
                client.drain()
                keys = [1e3 * client.time_key(key) for key in _KEYS for _ in range(3)]
        keys.sort()
        yield Figure("screen, opened", min(opened), "s", target=1, at_most=True)
        yield Figure("screen, a key, p50", keys[len(keys) // 2], "ms")
        yield Figure(
            "screen, a key, p99", keys[len(keys) * 99 // 100], "ms", target=50, at_most=True
        )


def desktop(options: Options) -> Iterator[Figure]:
    """The desktop client with 2,000 conversations, offscreen; what its GUI thread takes."""
    messages = min(100_000, options.rows)
    with tempfile.TemporaryDirectory() as data, machine.server(Path(data) / "server") as server:
        full_profile(Path(data), server.port, _CONVERSATIONS, messages)
        seconds = max(2.0, 1.5 * options.seconds)
        found = measure(Path(data), server.port, _CONVERSATIONS, _STORM, seconds)
    for name, unit, target in (
        ("first paint", "s", 0.8),
        ("usable", "s", 1.5),
        ("memory", "MB", 180),
        ("a large conversation opened, first", "ms", 100),
        ("a large conversation opened", "ms", None),
        ("a frame while scrolling, mean", "ms", 8),
        ("a frame while scrolling, p99", "ms", 16),
        ("storm of 1,000/s, arrived", "/s", None),
        ("storm of 1,000/s, longest block", "ms", 50),
        ("storm of 1,000/s, p99", "ms", 25),
        ("memory after the storm", "MB", None),
        ("idle, of a core", "%", 0.5),
    ):
        yield Figure(f"desktop, {name}", found[name], unit, target, at_most=True)


def admin_window(_options: Options) -> Iterator[Figure]:
    """The administration window of a server with 100,000 accounts, offscreen."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "server"
        fill(data)
        with machine.server(data):
            found = measure_admin_window(data)
    for name, value in found.items():
        target = 50 if "block" in name else 300
        yield Figure(f"administration, {name}", value, "ms", target, at_most=True)


def moving(options: Options) -> Iterator[Figure]:
    """A database of 1,000,000 messages moved to PostgreSQL and back, every row compared."""
    rows = min(1_000_000, options.rows)
    for where, seconds in move(rows):
        # 3 minutes for all of them: people wait until the server starts again.
        yield Figure(f"{rows:,} messages {where}", seconds, "s", rows / 1e6 * 180, at_most=True)


def logging_off(options: Options) -> Iterator[Figure]:
    """The cost of `@log` for a call while its level is off."""

    def plain(number: int) -> int:
        return number

    logging.getLogger("messenger").setLevel(logging.INFO)
    logged = log(plain)
    count = 1_000_000
    cost = min(timeit.repeat(lambda: logged(1), number=count, repeat=5))
    bare = min(timeit.repeat(lambda: plain(1), number=count, repeat=5))
    yield Figure("@log, level off", 1e6 * (cost - bare) / count, "µs", target=0.1, at_most=True)


SCENARIOS: tuple[Scenario, ...] = (
    pairs, rooms, latency, databases.postgresql, idle, logins, growth, tls, encryption, client,
    client_database, start, screen, desktop, admin_window, moving, logging_off,
)  # fmt: skip


def _with_relay(do: Work) -> tuple[Run, float, Run]:
    """Run the work with the server and with the relay; the server's CPU time is per delivery."""
    with machine.relay() as relay:
        of_relay = uvloop.run(do(relay.port))
    with tempfile.TemporaryDirectory() as data:
        return *work.with_server(do, Path(data)), of_relay


async def _log_in_during_a_chat(port: int, seconds: float) -> tuple[float, Run]:
    names = [f"account{number}" for number in range(8)]
    loop = asyncio.get_running_loop()
    connections: list[Connection] = []
    for name in names:
        _, connection = await loop.create_connection(
            lambda name=name: Connection(name), "127.0.0.1", port
        )
        await connection.ask(action="register", user={"account_name": name, "password": _PASSWORD})
        connections.append(connection)
    count = 0
    ends = loop.time() + seconds

    async def log_in_and_out(connection: Connection) -> None:
        nonlocal count
        user = {"account_name": connection.name, "password": _PASSWORD}
        while loop.time() < ends:
            answer = await connection.ask(action="authenticate", user=user)
            assert answer["response"] == 200, answer
            await connection.ask(action="logout")
            count += 1

    guests = await load.connect_guests(port, work.names(work.CONNECTIONS))
    chat = load.steady(guests, 100, seconds)
    run, *_ = await asyncio.gather(chat, *map(log_in_and_out, connections))
    return count / seconds, run
