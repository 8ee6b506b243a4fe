"""The server's figures, for administrators."""

import time

from messenger import __version__
from messenger.jim.admin.stats import ReadStats, ServerStats, StatsNow
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.statistics import plots
from messenger.server.statistics.statistics import Statistics


@action(ReadStats, role=ADMINISTRATOR)
@log
@actor_required
async def stats(
    services: Services, session: Session, actor: Actor, request: ReadStats
) -> ServerStats:
    """Return the figures of now, and those of a range if one is asked for."""
    series = None
    if request.range is not None:
        series = await services.read_pool.read(plots.series, request.range, time.time())
    return ServerStats(200, now=_now(services.statistics), series=series)


def _now(statistics: Statistics) -> StatsNow:
    totals, state, recent = statistics.totals(), statistics.state(), statistics.recent()
    return StatsNow(
        version=__version__,
        database=statistics.database,
        started=statistics.started,
        **state._asdict(),
        messages=totals.messages,
        bytes=totals.bytes,
        transactions=totals.transactions,
        retries=totals.retries,
        failures=totals.failures,
        cpu=totals.cpu,
        messages_per_minute=plots.per_minute(recent, recent.messages),
        p50=plots.latency(recent, 0.5),
        p99=plots.latency(recent, 0.99),
        lag=recent.lag,
        cores=plots.cores(recent),
    )
