"""Whoever looks at a certificate is warned in time before it expires."""

import time

import pytest

from messenger.ui.certificate_words import expiry_warning, is_expired

DAY = 24 * 60 * 60


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (30, ""),
        (20.5, "It expires in 20 days: renew it"),
        (1.5, "It expires in 1 day: renew it"),
        (-0.5, "It has expired: clients that do not know the key refuse it"),
    ],
)
def test_a_warning_says_how_long_it_is_valid(days: float, said: str) -> None:
    end = time.time() + days * DAY

    assert expiry_warning(end) == said
    assert is_expired(end) == (days < 0)
