"""What says Yesterday is said anew when a day begins."""

import datetime as dt

from messenger.desktop.new_day import milliseconds_of_day_left


def test_a_day_ends_a_second_after_midnight() -> None:
    utc = dt.UTC

    assert milliseconds_of_day_left(dt.datetime(2026, 3, 12, 23, 59, 59, tzinfo=utc)) == 2000
    assert milliseconds_of_day_left(dt.datetime(2026, 12, 31, 0, 0, 1, tzinfo=utc)) == 86_400_000
