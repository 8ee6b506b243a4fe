"""Lines over time: gaps where nothing is known, and axes that people can count by."""

import pytest

from messenger.admin_window.plots.lines import Series, stretches, ticks


def test_a_line_has_gaps_where_the_server_did_not_run() -> None:
    series = Series([0, 60, 120, 600, 660, 720], [[1, 2, 3, 4, None, 6]], 60)
    assert list(stretches(series, 0)) == [([0, 60, 120], [1, 2, 3]), ([600], [4]), ([720], [6])]


def test_a_line_without_values_has_no_parts() -> None:
    assert list(stretches(Series([0, 60], [[None, None]], 60), 0)) == []
    assert Series([], [[]], 60).nearest(5) is None
    assert Series([], [[]], 60).greatest() == 0


@pytest.mark.parametrize(("moment", "found"), [(-5, 0), (25, 0), (35, 1), (60, 1), (900, 2)])
def test_the_pointer_finds_the_nearest_time(moment: float, found: int) -> None:
    assert Series([0, 60, 120], [[1, 2, 3]], 60).nearest(moment) == found


@pytest.mark.parametrize(
    ("greatest", "whole", "found"),
    [
        (0, True, [0, 1, 2]),
        (1, True, [0, 1, 2]),
        (1284, True, [0, 500, 1000, 1500]),
        (4.2, False, [0, 1, 2, 3, 4, 5]),
        (0.02, False, [0, 0.005, 0.01, 0.015, 0.02, 0.025]),
    ],
)
def test_ticks_are_numbers_that_people_count_by(
    greatest: float, whole: bool, found: list[float]
) -> None:
    assert ticks(greatest, 6, whole=whole) == pytest.approx(found)


@pytest.mark.parametrize("greatest", [0.001 * 1.7**power for power in range(60)])
def test_ticks_reach_beyond_the_greatest_value_and_are_few(greatest: float) -> None:
    for whole in (True, False):
        found = ticks(greatest, 6, whole=whole)
        assert found[-1] > greatest
        assert 2 <= len(found) <= 8
