"""Figures of the server on the wire, for administrators: now, and over a time."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Reply, Request

Range = Literal["hour", "day", "month", "year"]
"""How far back a series goes from now."""


class StatsNow(Struct, omit_defaults=True):
    """How the server is now, and what it has counted since it was started (unix time).

    The first ones are how many there are now: `online` accounts, of which some are `guests`,
    `sessions`, of which `slow` ones read slower than the server writes, so that `unsent` bytes
    wait. Sizes are in bytes. `messages`, `bytes`, `transactions`, `retries`, `failures` and `cpu`
    (seconds of all cores) were counted since the start. The last ones are of the last minute or
    two: messages in a minute, the latencies of delivery that half of the messages, and 99 %, did
    not exceed (seconds; None without messages), the worst lag of the event loop (seconds), and the
    cores in use.
    """

    version: str = ""
    database: str = ""
    started: float = 0
    online: int = 0
    guests: int = 0
    sessions: int = 0
    slow: int = 0
    unsent: int = 0
    memory: int = 0
    database_size: int = 0
    disk_free: int = 0
    messages: int = 0
    bytes: int = 0
    transactions: int = 0
    retries: int = 0
    failures: int = 0
    cpu: float = 0
    messages_per_minute: float = 0
    p50: float | None = None
    p99: float | None = None
    lag: float = 0
    cores: float = 0


class StatsSeries(Struct, omit_defaults=True):
    """Figures over a time, at most 300 of each: a point covers `step` seconds from `times` on.

    A point is missing if the server did not run then. Of its time a point has the most `online`
    accounts, `sessions`, `slow` sessions, `memory`, `database_size` and `lag`, the least
    `disk_free`, the rates of `messages`, `bytes` and `transactions` in a minute, the number of
    `retries` and `failures`, the `cores` in use on average, and the latencies `p50` and `p99`.
    """

    step: int = 0
    times: list[int] = field(default_factory=list)
    online: list[int] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    slow: list[int] = field(default_factory=list)
    messages: list[float] = field(default_factory=list)
    bytes: list[float] = field(default_factory=list)
    transactions: list[float] = field(default_factory=list)
    retries: list[int] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    p50: list[float | None] = field(default_factory=list)
    p99: list[float | None] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    cores: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    database_size: list[int] = field(default_factory=list)
    disk_free: list[int] = field(default_factory=list)


class ServerStats(Reply):
    """The reply to `admin_stats`; `series` only if a range was asked for."""

    now: StatsNow = field(default_factory=StatsNow)
    series: StatsSeries | None = None


class ReadStats(Request[ServerStats], tag="admin_stats", kw_only=True):
    """Request the server's figures; with a `range` those of the last hour, day, month or year."""

    answer = ServerStats
    range: Range | None = None
