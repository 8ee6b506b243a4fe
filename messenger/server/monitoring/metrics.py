"""The page `/metrics`: the server's figures in the text format of Prometheus.

The names are those of Prometheus' conventions. No label has a person's, a room's or an address's
name: whoever reads the page learns how much there is, and not of whom.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from messenger import __version__
from messenger.server.histogram import BOUNDS
from messenger.server.statistics.statistics import State, Statistics, Totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The format that every version of Prometheus reads."""

_EACH = 2  # of our buckets in one of the page: each doubles the one before, so there are twenty


class MetricsPage:
    """Writes the page; the metrics are read at that moment, and none is kept in between."""

    def __init__(self, statistics: Statistics, event_loop: str) -> None:
        """Take the figures, and the name of the event loop."""
        self._registry = CollectorRegistry()
        self._registry.register(_Metrics(statistics, event_loop))

    def render(self) -> bytes:
        """Return the page."""
        return generate_latest(self._registry)


class _Metrics(Collector):
    def __init__(self, statistics: Statistics, event_loop: str) -> None:
        self._statistics = statistics
        self._about = {
            "version": __version__,
            "database": statistics.database,
            "event_loop": event_loop,
        }

    def describe(self) -> list[Metric]:
        # Otherwise the registry would collect them to learn their names.
        return []

    def collect(self) -> Iterator[Metric]:
        text = "The version of the server, and its parts."
        yield InfoMetricFamily("messenger", text, self._about)
        yield from _of_state(self._statistics.state())
        yield from _of_totals(self._statistics.totals())
        yield GaugeMetricFamily(
            "process_start_time_seconds",
            "When the server was started, unix time.",
            self._statistics.started,
        )


def _of_state(state: State) -> Iterator[Metric]:
    online = GaugeMetricFamily(
        "messenger_online_accounts", "Accounts with a session, by kind.", labels=["kind"]
    )
    online.add_metric(["registered"], state.online - state.guests)
    online.add_metric(["guest"], state.guests)
    yield online
    for name, text, value in (
        ("messenger_sessions", "Connections of clients.", state.sessions),
        ("messenger_slow_sessions", "Sessions that read slower than written.", state.slow),
        ("messenger_unsent_bytes", "Bytes that wait for slow sessions.", state.unsent),
        ("messenger_database_size_bytes", "Size of the database.", state.database_size),
        ("messenger_disk_free_bytes", "Free space on the server's disk.", state.disk_free),
        ("process_resident_memory_bytes", "Resident memory.", state.memory),
    ):
        yield GaugeMetricFamily(name, text, value)


def _of_totals(totals: Totals) -> Iterator[Metric]:
    transactions = CounterMetricFamily(
        "messenger_database_transactions", "Transactions of the journal.", labels=["result"]
    )
    transactions.add_metric(["committed"], totals.transactions)
    transactions.add_metric(["failed"], totals.failures)
    yield transactions
    for name, text, value in (
        ("messenger_messages_stored", "Messages committed.", totals.messages),
        ("messenger_stored_bytes", "Bytes of these messages.", totals.bytes),
        ("messenger_database_retries", "Transactions tried once more.", totals.retries),
        ("process_cpu_seconds", "CPU time of all threads.", totals.cpu),
    ):
        yield CounterMetricFamily(name, text, value)
    yield _histogram(
        "messenger_delivery_seconds",
        "From the acceptance of a message until it is committed and sent to its recipients.",
        totals.latency,
        totals.latency_sum,
    )
    yield _histogram(
        "messenger_event_loop_lag_seconds",
        "How late the event loop was, once a second.",
        totals.lag,
        totals.lag_sum,
    )


def _histogram(name: str, text: str, counts: Sequence[int], total: float) -> Metric:
    sums = list(accumulate(counts))
    buckets = [(str(bound), sums[_EACH * at]) for at, bound in enumerate(BOUNDS[::_EACH])]
    return HistogramMetricFamily(name, text, [*buckets, ("+Inf", sums[-1])], total)
