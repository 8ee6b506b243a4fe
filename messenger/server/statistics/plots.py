"""Series of figures as plots need them: rates and percentiles, at most 300 points."""

from sqlalchemy import Connection

from messenger.jim.admin.stats import Range, StatsSeries
from messenger.server.store import statistics as statistics_store
from messenger.server.store.statistics import Figures

_MINUTE = 60  # seconds: messages in a minute is what people can imagine


def series(connection: Connection, length: Range, now: float) -> StatsSeries:
    """Return the figures of the time until now; for a thread that reads, it takes up to 0.1 s."""
    step, points = statistics_store.series(connection, length, now)
    figures = [point.figures for point in points]
    return StatsSeries(
        step=step,
        times=[point.time for point in points],
        online=[one.online for one in figures],
        sessions=[one.sessions for one in figures],
        slow=[one.slow for one in figures],
        messages=[per_minute(one, one.messages) for one in figures],
        bytes=[per_minute(one, one.bytes) for one in figures],
        transactions=[per_minute(one, one.transactions) for one in figures],
        retries=[one.retries for one in figures],
        failures=[one.failures for one in figures],
        p50=[latency(one, 0.5) for one in figures],
        p99=[latency(one, 0.99) for one in figures],
        lag=[_rounded(one.lag) for one in figures],
        cores=[cores(one) for one in figures],
        memory=[one.memory for one in figures],
        database_size=[one.database_size for one in figures],
        disk_free=[one.disk_free for one in figures],
    )


def per_minute(figures: Figures, count: float) -> float:
    """Return how many that are in a minute, of the time in which the server ran."""
    return round(count * _MINUTE / figures.seconds, 3) if figures.seconds else 0.0


def cores(figures: Figures) -> float:
    """Return how many cores were in use on average."""
    return round(figures.cpu / figures.seconds, 4) if figures.seconds else 0.0


def latency(figures: Figures, share: float) -> float | None:
    """Return the latency in seconds that this share of messages did not exceed, None of none."""
    found = statistics_store.latency(figures, share)
    return None if found is None else _rounded(found)


def _rounded(seconds: float) -> float:
    return round(seconds, 6)  # to microseconds: more digits are noise, and half of the reply
