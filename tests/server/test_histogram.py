"""Histograms of times: nothing is lost in them, and percentiles are near enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.server.histogram import BOUNDS, Histogram, as_text, from_text, merged, percentile

TIMES = st.lists(st.floats(0.0001, BOUNDS[-1]), min_size=1, max_size=50)


def filled(times: list[float]) -> Histogram:
    made = Histogram()
    for time in times:
        made.add(time)
    return made


@given(TIMES, st.floats(0.01, 1))
def test_a_percentile_is_within_a_bucket_of_the_real_one(times: list[float], share: float) -> None:
    found = percentile(filled(times).counts, share)

    wanted = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
    assert found is not None
    assert found == pytest.approx(wanted, rel=0.5)


@given(TIMES, TIMES)
def test_merged_and_stored_histograms_lose_nothing(first: list[float], second: list[float]) -> None:
    together = filled(first + second)

    both = merged([filled(first).counts, filled(second).counts])

    assert both == together.counts == from_text(as_text(both))
    assert together.total == pytest.approx(sum(first + second))


def test_times_beyond_the_last_bucket_are_counted_in_it() -> None:
    made = filled([1e9])

    assert made.counts[-1] == 1
    assert percentile(made.counts, 0.5) == BOUNDS[-1]
    assert from_text("99:3")[-1] == 3  # of a version with more buckets


def test_without_times_there_is_no_percentile() -> None:
    assert percentile(Histogram().counts, 0.5) is None
    assert percentile(merged([]), 0.5) is None


def test_many_times_cost_as_much_as_one() -> None:
    made = Histogram()
    made.add(0.001, 1_000_000)

    assert sum(made.counts) == 1_000_000
    assert made.total == pytest.approx(1_000)
