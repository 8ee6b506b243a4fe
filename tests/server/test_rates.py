"""How often what may be done: at once, after that, and by whom it is counted."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.errors import TooMany
from messenger.server.limits import Limits
from messenger.server.rate_limits import RateLimiter, TokenBucket, origin
from messenger.server.rates import Rates
from messenger.server.records import Account

WAITS = st.lists(st.floats(0, 10), max_size=40)


@given(WAITS, st.integers(min_value=1, max_value=5))
def test_no_more_pass_than_a_bucket_holds_and_time_gives_back(
    waits: list[float], burst: int
) -> None:
    bucket, now, passed = TokenBucket(burst, 1.0), 100.0, 0
    for wait in waits:
        now += wait
        passed += not bucket.take(now)

    assert passed <= burst + sum(waits)
    assert passed >= min(len(waits), burst)


@given(WAITS)
def test_who_waits_as_long_as_is_said_passes(waits: list[float]) -> None:
    bucket, now = TokenBucket(2, 3.0), 100.0
    for wait in waits:
        now += wait
        said = bucket.take(now)
        if said:
            now += said + 1e-6
            assert bucket.take(now) == 0


def test_each_name_has_a_bucket_of_its_own() -> None:
    limiter = RateLimiter(1, 60)

    assert not limiter.take("Иван")
    assert limiter.take("Иван")
    assert not limiter.take("名前")


def test_a_limiter_that_is_off_lets_everything_pass() -> None:
    limiter = RateLimiter(1, 60, enabled=False)

    assert not any(limiter.take("Иван") for _ in range(10))


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("a socket", "a socket"),
        ("", ""),
    ],
)
def test_an_address_counts_as_that_of_a_customer(address: str, counts_as: str) -> None:
    assert origin(address) == counts_as


def account() -> Account:
    return Account(1, "a/b%41", guest=False)


def test_messages_and_requests_are_counted_apart() -> None:
    limits = Limits(message_burst=2, message_interval=60, request_burst=1, request_interval=60)
    rates, ivan = Rates(limits, limits_on=True), account()
    for _ in range(2):
        rates.count("message", ivan)
    rates.count("request", ivan)

    for rate in ("message", "request"):
        with pytest.raises(TooMany) as refused:
            rates.count(rate, ivan)  # type: ignore[arg-type]
        assert 0 < (refused.value.retry_after or 0) <= 60
    rates.count("message", account())


def test_whom_nobody_knows_and_where_limits_are_off_nothing_is_counted() -> None:
    limits = Limits(message_burst=1, message_interval=60)
    ivan = account()
    for rates, who in itertools.product([Rates(limits, limits_on=False)] * 3, [None, ivan]):
        rates.count("message", who)
    for _ in range(3):
        Rates(limits, limits_on=True).count("message", None)

    assert not ivan.buckets
