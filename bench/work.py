"""The work that benchmarks give a server, and what it costs that."""

import ssl
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop

from bench import load, machine
from bench.load import Run

CONNECTIONS = 100

Work = Callable[[int], Coroutine[Any, Any, Run]]
"""Runs against the server at a port."""


def with_server(work: Work, data: Path) -> tuple[Run, float]:
    """Run the work with a server in this directory; its CPU time is in seconds per delivery."""
    with machine.server(data) as server:
        before = server.cpu
        run = uvloop.run(work(server.port))
        # The warm-up of one second has used CPU, too.
        used = (server.cpu - before) * run.seconds / (run.seconds + 1)
    return run, used / max(1, run.deliveries)


def pairs(
    count: int,
    window: int,
    seconds: float,
    *,
    stamped: bool = False,
    tls: ssl.SSLContext | None = None,
) -> Work:
    """Return direct chats with `window` messages on their way in each."""

    async def work(port: int) -> Run:
        connections = await load.connect_guests(port, names(count), tls=tls)
        return await load.pairs(connections, window, seconds, stamped=stamped)

    return work


async def numbered_pairs(port: int, seconds: float) -> Run:
    """Run direct chats of clients whose messages have numbers and ids."""
    connections = await load.connect_guests(port, names(CONNECTIONS), numbered=True)
    return await load.pairs(connections, 16, seconds, numbered=True)


def room(members: int, seconds: float) -> Work:
    """Return a room in which 10 write."""

    async def work(port: int) -> Run:
        return await load.room(await load.connect_guests(port, names(members)), 10, seconds)

    return work


async def steady(port: int, seconds: float) -> Run:
    """Run direct chats with 500 messages a second in total."""
    connections = await load.connect_guests(port, names(CONNECTIONS))
    return await load.steady(connections, 500, 2 * seconds)


async def connect_guests(port: int, count: int, tls: ssl.SSLContext | None = None) -> float:
    """Log guests in; return how many seconds it took."""
    begun = time.monotonic()
    await load.connect_guests(port, names(count), tls=tls)
    return time.monotonic() - begun


def names(count: int) -> list[str]:
    """Return names of so many people."""
    return [f"u{number}" for number in range(count)]
