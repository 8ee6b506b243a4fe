"""The server on PostgreSQL, beside the same on SQLite: both sync each commit to the disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.figures import Figure, Options
from bench.load import Run
from bench.work import CONNECTIONS, Work, pairs, steady, with_server
from tests.postgresql import Postgresql, use_database

_LATENCY = 8  # ms


def postgresql(options: Options) -> Iterator[Figure]:
    """The server on PostgreSQL: direct chats, and 500 messages a second."""
    chats = pairs(CONNECTIONS, 16, options.seconds)
    with synced_postgresql() as server, tempfile.TemporaryDirectory() as other:
        run, cpu = with_server(chats, Path(other))
        on_postgresql = partial(_with_postgresql, server)
        now, now_cpu = on_postgresql(chats)
        calm, _ = on_postgresql(partial(steady, seconds=options.seconds))
    name = "PostgreSQL, pairs W=16"
    yield Figure(name, now.rate, "/s")
    yield Figure(f"{name}, of SQLite's", 100 * now.rate / run.rate, "%", 60)
    yield Figure(f"{name}, CPU of the server", 1e6 * now_cpu, "µs")
    share = 100 * now_cpu / cpu
    yield Figure(f"{name}, CPU of the server, of that on SQLite", share, "%", 160, at_most=True)
    yield Figure("PostgreSQL, 500/s, p50", calm.percentile(50), "ms", _LATENCY, at_most=True)
    yield Figure("PostgreSQL, 500/s, p99", calm.percentile(99), "ms")


def _with_postgresql(server: Postgresql, work: Work) -> tuple[Run, float]:
    with tempfile.TemporaryDirectory() as data:
        use_database(Path(data), server.new_database())
        return with_server(work, Path(data))


@contextmanager
def synced_postgresql() -> Iterator[Postgresql]:
    """Run a PostgreSQL that syncs each commit to the disk, as in production."""
    server = Postgresql("-c listen_addresses=")
    try:
        yield server
    finally:
        server.close()
