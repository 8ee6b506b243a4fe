"""Figures of the minutes of a day and the hours of a year, and what each account has sent."""

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from messenger.jim.admin.stats import Range
from messenger.server.histogram import as_text, from_text, merged, percentile
from messenger.server.store.schema import accounts, statistics

_MINUTE, _HOUR = 60, 3_600  # seconds
_DAY = 24 * _HOUR  # seconds
# By number: a clock that was wrong for a while must not remove what was stored before.
_KEPT = {_MINUTE: 24 * 60, _HOUR: 366 * 24}  # rows


class _Reading(NamedTuple):
    """How a range is read: its length, the span of the rows, and of a point, all in seconds."""

    length: int
    span: int
    step: int


# At most 300 points each: more than a plot of a thousand pixels shows apart.
_READINGS: dict[Range, _Reading] = {
    "hour": _Reading(_HOUR, _MINUTE, _MINUTE),
    "day": _Reading(_DAY, _MINUTE, 5 * _MINUTE),
    "month": _Reading(30 * _DAY, _HOUR, 3 * _HOUR),
    "year": _Reading(366 * _DAY, _HOUR, 2 * _DAY),
}


class Figures(NamedTuple):
    """The figures of a minute or an hour; `seconds` are those in which the server ran.

    Counted in that time: `messages`, `bytes`, `transactions`, `retries`, `failures`, `cpu`
    (seconds of all cores), and `latency`, a histogram (`messenger.server.histogram`). The others
    are the worst: the most `online` accounts, `sessions`, `slow` ones, `memory` and
    `database_size` (bytes), `lag` of the event loop (seconds); the least `disk_free` (bytes).
    """

    seconds: float = 0.0
    online: int = 0
    sessions: int = 0
    slow: int = 0
    messages: int = 0
    bytes: int = 0
    latency: Sequence[int] = ()
    transactions: int = 0
    retries: int = 0
    failures: int = 0
    lag: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    database_size: int = 0
    disk_free: int = 0


class Sent(NamedTuple):
    """How many messages, and bytes of them, an account has sent since its row was updated."""

    account_id: int
    messages: int
    bytes: int


class Point(NamedTuple):
    """A point of a series: the figures from `time` on (unix time, whole steps)."""

    time: int
    figures: Figures


def _merge_latency(first: Sequence[int], second: Sequence[int]) -> Sequence[int]:
    return merged(one for one in (first, second) if one)


# The others are the worst, which is the greatest, but for the space that is left.
_SUMS = ("seconds", "messages", "bytes", "transactions", "retries", "failures", "cpu")
_MERGE: dict[str, Callable[[Any, Any], Any]] = (
    dict.fromkeys(Figures._fields, max)
    | dict.fromkeys(_SUMS, operator.add)
    | {"disk_free": min, "latency": _merge_latency}
)


def _merged_column(name: str) -> ColumnElement[Any]:
    """Return the same in SQL: in Python a year would take five times as long."""
    column = statistics.c[name]
    if name == "latency":  # a bucket that is there several times is summed when it is read
        return func.aggregate_strings(column, " ")
    if name in _SUMS:
        return cast(func.sum(column), column.type)
    return func.min(column) if name == "disk_free" else func.max(column)


_columns = [statistics.c[name] for name in Figures._fields]
_merged_columns = [_merged_column(name) for name in Figures._fields]
_account = accounts.c
_ADD_SENT = (
    update(accounts)
    .where(_account.id == bindparam("account"))
    .values(
        messages=_account.messages + bindparam("more"),
        bytes=_account.bytes + bindparam("more_bytes"),
    )
)


def record(connection: Connection, points: Iterable[Point], now: float) -> None:
    """Store figures of minutes in the rows of their minutes and hours; `now` is unix time.

    What is in a row already is merged: a server was restarted within the minute, or its clock was
    set back. Rows of the future stay: it may be now that the clock is wrong, as on a machine that
    has no time yet at its start. They are not among those that are kept of the past.
    """
    for point in points:
        for span in (_MINUTE, _HOUR):
            _add(connection, span, point)
    time = statistics.c.time
    for span, kept in _KEPT.items():
        mine = statistics.c.span == span
        times = select(time).where(mine).offset(kept).limit(1)
        too_old = times.where(time <= now).order_by(time.desc()).scalar_subquery()
        too_far = times.where(time > now).order_by(time).scalar_subquery()
        # Without so many rows they are NULL, which no row is compared with.
        connection.execute(delete(statistics).where(mine, (time <= too_old) | (time >= too_far)))


def add_sent(connection: Connection, rows: Sequence[Sent]) -> None:
    """Add what accounts have sent to their counts."""
    connection.execute(
        _ADD_SENT,
        [
            {"account": row.account_id, "more": row.messages, "more_bytes": row.bytes}
            for row in rows
        ],
    )


def series(connection: Connection, length: Range, now: float) -> tuple[int, list[Point]]:
    """Return the seconds between two points, and at most 300 points until now, oldest first.

    A step of which nothing is stored has no point: the server did not run.
    """
    reading = _READINGS[length]
    # The first step is a whole one.
    begin = (int(now) // reading.step + 1) * reading.step - reading.length
    time = (statistics.c.time - statistics.c.time % reading.step).label("step")
    query = (
        select(time, *_merged_columns)
        .where(
            statistics.c.span == reading.span, statistics.c.time >= begin, statistics.c.time <= now
        )
        .group_by(time)
        .order_by(time)
    )
    return reading.step, [Point(row[0], _figures(row[1:])) for row in connection.execute(query)]


def merge(first: Figures, second: Figures) -> Figures:
    """Return the figures of both times together."""
    return Figures(
        *(_MERGE[name](*pair) for name, *pair in zip(Figures._fields, first, second, strict=True))
    )


def latency(figures: Figures, share: float) -> float | None:
    """Return the latency in seconds that this share of messages did not exceed, None of none."""
    return percentile(figures.latency, share)


def _add(connection: Connection, span: int, point: Point) -> None:
    time = point.time - point.time % span
    row = and_(statistics.c.span == span, statistics.c.time == time)
    found = connection.execute(select(*_columns).where(row)).first()
    figures = merge(_figures(found), point.figures) if found else point.figures
    values = figures._asdict() | {"latency": as_text(figures.latency)}
    if found:
        connection.execute(update(statistics).where(row).values(values))
    else:
        connection.execute(insert(statistics).values(span=span, time=time, **values))


def _figures(row: Sequence[Any]) -> Figures:
    found = Figures(*row)
    return found._replace(latency=from_text(str(found.latency)))
