"""How much one account may ask for, whatever its connections."""

import time

from messenger.server.config import Limits
from messenger.server.rate_limits import TokenBucket
from messenger.server.session import Account


class AccountRates:
    """Counts the messages and the other requests of an account; `limits_on` False lifts it."""

    def __init__(self, limits: Limits, *, limits_on: bool) -> None:
        self._limits = limits
        self._limits_on = limits_on

    def message_wait(self, account: Account) -> float:
        """Count a message; return the seconds to wait if there were too many."""
        if not self._limits_on:
            return 0.0
        if account.messages is None:
            limits = self._limits
            account.messages = TokenBucket(limits.message_burst, limits.message_interval)
        return account.messages.take(time.monotonic())

    def request_wait(self, account: Account | None) -> float:
        """Count any other request; return the seconds to wait if there were too many."""
        if account is None or not self._limits_on:
            return 0.0
        if account.requests is None:
            limits = self._limits
            account.requests = TokenBucket(limits.request_burst, limits.request_interval)
        return account.requests.take(time.monotonic())
