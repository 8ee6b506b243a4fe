"""No wrong clock has anything removed: it has to run steadily first."""

from messenger.server.retention.clock import ConfirmedClock

HOUR = 3_600.0
DAY = 24 * HOUR
NOW = 1_800_000_000.0


def steadily(clock: ConfirmedClock, wall: float, monotonic: float, hours: int) -> list[bool]:
    """Let so many hours pass; return whether the clock was believed after each."""
    return [
        clock.confirm(wall + hour * HOUR, monotonic + hour * HOUR) for hour in range(1, hours + 1)
    ]


def test_a_new_server_and_one_that_was_restarted_believe_their_clock_at_once() -> None:
    assert ConfirmedClock(None).confirm(NOW, 5.0)
    assert ConfirmedClock(NOW - HOUR - 60).confirm(NOW, 5.0)


def test_after_a_night_the_clock_is_believed_in_an_hour() -> None:
    clock = ConfirmedClock(NOW - 14 * HOUR)
    assert not clock.confirm(NOW, 5.0)
    assert steadily(clock, NOW, 5.0, 2) == [True, True]


def test_a_clock_that_is_a_year_ahead_at_the_start_is_believed_after_a_day() -> None:
    clock = ConfirmedClock(NOW)
    wrong = NOW + 365 * DAY
    assert not clock.confirm(wrong, 0.0)
    assert steadily(clock, wrong, 0.0, 25) == [False] * 23 + [True] * 2


def test_a_clock_that_jumps_ahead_while_the_server_runs_is_not_believed() -> None:
    clock = ConfirmedClock(NOW)
    assert clock.confirm(NOW, 0.0)
    assert steadily(clock, NOW, 0.0, 30) == [True] * 30
    assert not clock.confirm(NOW + 400 * DAY, 31 * HOUR)


def test_a_clock_that_is_put_right_is_believed_a_day_later() -> None:
    clock = ConfirmedClock(NOW)
    assert not clock.confirm(NOW + 365 * DAY, 0.0)
    assert not clock.confirm(NOW + HOUR, HOUR)
    assert steadily(clock, NOW + HOUR, HOUR, 24) == [False] * 23 + [True]


def test_a_clock_that_jumps_again_and_again_is_never_believed() -> None:
    clock = ConfirmedClock(NOW)
    for hour in range(100):
        jump = 100 * DAY * (hour % 2)
        assert not clock.confirm(NOW + jump + hour * HOUR, hour * HOUR) or hour == 0


def test_a_small_jump_does_not_shorten_the_wait_for_a_great_one() -> None:
    clock = ConfirmedClock(NOW)
    assert not clock.confirm(NOW + 365 * DAY, 0.0)
    assert steadily(clock, NOW + 366 * DAY, 0.0, 23) == [False] * 23
