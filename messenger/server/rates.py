"""The server's rate limits: requests of accounts, and what accounts and addresses create."""

import time
from typing import Literal

from messenger.jim.errors import TooMany
from messenger.language import N_
from messenger.server.limits import Limits
from messenger.server.rate_limits import RateLimiter, TokenBucket
from messenger.server.records import Account

Rate = Literal["message", "request"]

_TEXTS: dict[Rate, str] = {"message": N_("You write too fast"), "request": N_("Too many requests")}


class Rates:
    """Counts for the whole server; `limits_on` False lifts all of these limits.

    `guests` and `registrations` are counted by the address's origin, `new_rooms`, `backups`,
    `resets` (of identities) and `reports` by account, `claims` by account and device, `reported` by
    the account or room that a report with messages is about.
    """

    def __init__(self, limits: Limits, *, limits_on: bool) -> None:
        def limiter(burst: int, interval: float) -> RateLimiter:
            return RateLimiter(burst, interval, enabled=limits_on)

        self.guests = limiter(limits.guest_burst, limits.guest_interval)
        self.registrations = limiter(limits.register_burst, limits.register_interval)
        self.new_rooms = limiter(limits.new_room_burst, limits.new_room_interval)
        self.claims = limiter(limits.claim_burst, limits.claim_interval)
        self.backups = limiter(limits.backup_burst, limits.backup_interval)
        self.resets = limiter(limits.reset_burst, limits.reset_interval)
        self.reports = limiter(limits.report_burst, limits.report_interval)
        self.reported = limiter(limits.reported_burst, limits.reported_interval)
        self._limits_on = limits_on
        self._of_accounts: dict[Rate, tuple[int, float]] = {
            "message": (limits.message_burst, limits.message_interval),
            "request": (limits.request_burst, limits.request_interval),
        }

    def count(self, rate: Rate, account: Account | None) -> None:
        """Count a request of an account; raises TooMany if there were too many."""
        if account is None or not self._limits_on:
            return
        # In the account, not in a limiter by name: each message looks it up.
        bucket = account.buckets.get(rate)
        if bucket is None:
            bucket = account.buckets[rate] = TokenBucket(*self._of_accounts[rate])
        if wait := bucket.take(time.monotonic()):
            raise TooMany(_TEXTS[rate], retry_after=wait)
