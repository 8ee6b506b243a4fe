"""The rows of statistics: clocks may jump, minutes may be missing, and nothing grows for ever."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from sqlalchemy import Connection, Engine, func, insert, select

from messenger.jim.admin.stats import Range
from messenger.server.histogram import Histogram, merged
from messenger.server.store import database
from messenger.server.store import statistics as store
from messenger.server.store.schema import statistics
from messenger.server.store.statistics import Figures, Point

HOUR, DAY = 3_600, 24 * 3_600
NOW = 1_800_000_000 - 1_800_000_000 % DAY + 12 * HOUR + 30  # half a minute after noon
NONE = Histogram().counts


@pytest.fixture
def connection(new_engine: Callable[[], Engine]) -> Iterator[Connection]:
    engine = new_engine()
    with database.writer(engine) as connection:
        yield connection
    engine.dispose()


def minute(time: int, **figures: float) -> Point:
    return Point(time, Figures(seconds=60, latency=NONE)._replace(**figures))


def record(connection: Connection, *points: Point, now: float = NOW) -> None:
    with connection.begin():
        store.record(connection, points, now)


def series(connection: Connection, length: Range, now: float = NOW) -> list[Point]:
    with connection.begin():
        return store.series(connection, length, now)[1]


def test_a_minute_is_read_as_it_was_stored(connection: Connection) -> None:
    histogram = Histogram()
    histogram.add(0.004, 7)
    figures = Figures(
        *(60.5, 3, 4, 1, 7, 2**40, histogram.counts, 5, 2, 1, 0.25, 1.5, 2**35, 2**41, 2**42)
    )

    record(connection, Point(NOW - 7, figures))

    assert series(connection, "hour") == [Point(NOW - 30, figures)]


def test_an_hour_has_the_sums_and_the_worst_of_its_minutes(connection: Connection) -> None:
    first = minute(NOW - 200, messages=5, online=9, lag=0.5, disk_free=100, cpu=1.5)
    second = minute(NOW - 100, messages=7, online=2, lag=0.1, disk_free=900, cpu=0.5)

    record(connection, first, second)

    (point,) = series(connection, "month")
    found = point.figures
    assert (found.messages, found.online, found.lag, found.disk_free) == (12, 9, 0.5, 100)
    assert (found.seconds, found.cpu) == (120, 2.0)


def test_percentiles_of_a_day_are_those_of_all_its_messages(connection: Connection) -> None:
    quick, slow = Histogram(), Histogram()
    quick.add(0.001, 980)
    slow.add(1.0, 20)

    record(connection, minute(NOW - 7_300, latency=quick.counts))
    record(connection, minute(NOW - 7_200, latency=slow.counts))

    figures = series(connection, "year")[-1].figures
    assert figures.latency == merged([quick.counts, slow.counts])
    assert store.latency(figures, 0.5) == pytest.approx(0.001, rel=0.2)
    assert store.latency(figures, 0.99) == pytest.approx(1.0, rel=0.2)


def test_a_clock_that_is_set_back_adds_to_the_minutes_that_it_repeats(
    connection: Connection,
) -> None:
    record(connection, minute(NOW - 240, messages=1), minute(NOW - 120, messages=2))

    record(connection, minute(NOW - 240, messages=10), now=NOW - 180)

    assert [(one.time, one.figures.messages) for one in series(connection, "hour")] == [
        ((NOW - 240) // 60 * 60, 11),
        ((NOW - 120) // 60 * 60, 2),
    ]


def test_a_clock_that_was_years_ahead_for_a_while_removes_nothing(connection: Connection) -> None:
    record(connection, minute(NOW - 60, messages=1))
    future = NOW + 20 * 365 * DAY
    record(connection, minute(future, messages=2), now=future + 1)

    record(connection, minute(NOW, messages=3))

    assert [one.figures.messages for one in series(connection, "hour")] == [1, 3]


def test_a_clock_that_was_years_behind_for_a_while_removes_nothing(connection: Connection) -> None:
    record(connection, minute(NOW - 120, messages=1))
    # As on a machine without a clock of its own, until it has asked another one.
    record(connection, minute(60, messages=2), now=90)

    record(connection, minute(NOW - 60, messages=3))

    assert [one.figures.messages for one in series(connection, "hour")] == [1, 3]
    assert [one.figures.messages for one in series(connection, "year")] == [4]


def test_rows_of_the_future_are_as_many_as_are_kept(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_KEPT", {60: 3, HOUR: 3})
    for number in range(1, 7):
        record(connection, minute(NOW + number * 60))

    times = select(statistics.c.time).where(statistics.c.span == 60).order_by(statistics.c.time)
    assert connection.scalars(times).all() == [NOW - 30 + number * 60 for number in (1, 2, 3)]


def test_minutes_without_a_server_are_missing(connection: Connection) -> None:
    record(connection, minute(NOW - 600), minute(NOW - 60))

    assert len(series(connection, "hour")) == 2


@pytest.mark.parametrize(
    ("length", "seconds", "step", "count"),
    [
        ("hour", HOUR, 60, 60),
        ("day", DAY, 300, 288),
        ("month", 30 * DAY, 3 * HOUR, 240),
        ("year", 366 * DAY, 2 * DAY, 183),
    ],
)
def test_a_series_has_at_most_300_whole_steps_and_ends_now(
    connection: Connection, length: Range, seconds: int, step: int, count: int
) -> None:
    span = 60 if seconds <= DAY else HOUR
    fill(connection, span, NOW - seconds - 2 * DAY, NOW + 2 * DAY)

    with connection.begin():
        found, points = store.series(connection, length, NOW)

    assert (found, len(points)) == (step, count)
    assert {later.time - earlier.time for earlier, later in pairwise(points)} == {step}
    assert points[-1].time <= NOW < points[-1].time + step
    # Only the last step is not over yet.
    assert {one.figures.messages for one in points[:-1]} == {step // span}


def test_a_day_of_minutes_and_a_year_of_hours_are_kept(connection: Connection) -> None:
    fill(connection, 60, NOW - 3 * DAY, NOW)
    fill(connection, HOUR, NOW - 400 * DAY, NOW)

    record(connection, minute(NOW))

    count = select(func.count()).select_from(statistics)
    assert connection.scalar(count.where(statistics.c.span == 60)) == 24 * 60
    assert connection.scalar(count.where(statistics.c.span == HOUR)) == 366 * 24


def fill(connection: Connection, span: int, begin: int, end: int) -> None:
    """Store a row with one message for each span between these times."""
    values = Figures(seconds=span, messages=1)._asdict() | {"latency": "", "span": span}
    times = range(begin // span * span, end, span)
    with connection.begin():
        connection.execute(insert(statistics), [values | {"time": time} for time in times])
