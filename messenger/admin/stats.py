"""The verb for the server's figures: as they are now, and again every few seconds."""

import argparse
import time
from collections.abc import Iterator

from messenger.admin.output import Shown, facts, plain
from messenger.language import _, decimal
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import StatsNow
from messenger.ui.quantities import duration, milliseconds, size


def show_stats(server: Administration, options: argparse.Namespace) -> Iterator[Shown]:
    """Show the figures; with `watch` again after so many seconds, until Ctrl+C."""
    found = server.stats(options.range)
    yield Shown(_lines(found.now), plain(found))
    if options.watch is None:
        return
    while True:
        time.sleep(options.watch)
        found = server.stats(options.range)
        yield Shown(["", *_lines(found.now)], plain(found))


def _lines(now: StatsNow) -> list[str]:
    return facts(
        (_("Version"), f"{now.version} ({now.database})"),
        (_("Up for"), duration(max(time.time() - now.started, 0))),
        (_("Online"), str(now.online)),
        (_("Guests"), str(now.guests)),
        (_("Connections"), str(now.sessions)),
        (_("Slow readers"), str(now.slow)),
        (_("Messages a minute"), f"{now.messages_per_minute:.0f}"),
        (_("Delivery, p50 / p99"), _latencies(now)),
        (_("Messages since the start"), str(now.messages)),
        (_("Failed transactions"), str(now.failures)),
        (_("Database"), size(now.database_size)),
        (_("Free disk space"), size(now.disk_free)),
        (_("Memory"), size(now.memory)),
        (_("CPU cores in use"), decimal(now.cores, 2)),
    )


def _latencies(now: StatsNow) -> str:
    if now.p50 is None or now.p99 is None:
        return ""
    return _("{p50} / {p99} ms", p50=milliseconds(now.p50), p99=milliseconds(now.p99))
