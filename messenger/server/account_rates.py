"""How much one account may ask for, whatever its connections."""

import time
from typing import Literal

from messenger.jim.errors import TooMany
from messenger.language import N_
from messenger.server.config import Limits
from messenger.server.rate_limits import TokenBucket
from messenger.server.records import Account

Rate = Literal["message", "request"]

_TEXTS: dict[Rate, str] = {"message": N_("You write too fast"), "request": N_("Too many requests")}


class AccountRates:
    """Counts the messages and the other requests of an account; `limits_on` False lifts it."""

    def __init__(self, limits: Limits, *, limits_on: bool) -> None:
        self._limits_on = limits_on
        self._limits: dict[Rate, tuple[int, float]] = {
            "message": (limits.message_burst, limits.message_interval),
            "request": (limits.request_burst, limits.request_interval),
        }

    def count(self, rate: Rate, account: Account | None) -> None:
        """Count a request of an account; raises TooMany if there were too many."""
        if account is None or not self._limits_on:
            return
        bucket = account.buckets.get(rate)
        if bucket is None:
            bucket = account.buckets[rate] = TokenBucket(*self._limits[rate])
        if wait := bucket.take(time.monotonic()):
            raise TooMany(_TEXTS[rate], retry_after=wait)
