"""Numbers, sizes and times as people read them."""

import pytest

from messenger.language import use_language
from messenger.ui.quantities import date_and_time, duration, milliseconds, number, size


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (7, "7 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (9_940, "9.9 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (4_200_000_000, "4.2 GB"),
        (3.5e15, "3500 TB"),
    ],
)
def test_a_size_has_at_most_three_digits(count: float, said: str) -> None:
    assert size(count) == said


def test_decimals_have_the_comma_of_the_language() -> None:
    use_language("ru")
    try:
        assert (size(4_200_000), milliseconds(0.0037)) == ("4,2 МБ", "3,7")
        assert (size(1_000_000), milliseconds(0.02)) == ("1 МБ", "20")
    finally:
        use_language("auto")


def test_a_number_has_groups_of_digits() -> None:
    assert number(1284).split("\N{NARROW NO-BREAK SPACE}") == ["1", "284"]
    assert number(999) == "999"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (5, "5 s"),
        (61, "1 min"),
        (3_600 * 4 + 125, "4 h, 2 min"),
        (86_400 * 12 + 3_600 * 4, "12 days, 4 h"),
        (86_400, "1 day, 0 h"),
    ],
)
def test_a_duration_has_two_units(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_what_is_not_known_is_not_a_number() -> None:
    assert milliseconds(None) == "–"
    assert milliseconds(0.0031) == "3.1"
    assert date_and_time(None) == ""
    assert date_and_time(1e30) == "?"
