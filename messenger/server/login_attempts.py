"""Limits on password attempts: per address, and per account."""

from messenger.jim.errors import TooMany
from messenger.server.limits import Limits
from messenger.server.rate_limits import LoginFailures, RateLimiter
from messenger.server.read_pool import ReadPool
from messenger.server.store import accounts as account_store

# It takes so many addresses to use up the attempts of an account, never one alone: home, office
# and a phone are three.
_ADDRESSES = 4


class LoginAttempts:
    """Limits password attempts, so that passwords cannot be guessed.

    An address that is refused does not use up the attempts of an account. An address from which
    the account has logged in before has its own, so that strangers cannot lock anybody out.
    """

    def __init__(self, limits: Limits, read_pool: ReadPool, *, limits_on: bool) -> None:
        self._logins = RateLimiter(limits.login_burst, limits.login_interval)
        self._accounts = RateLimiter(
            limits.login_burst * _ADDRESSES, limits.login_interval / _ADDRESSES
        )
        self._failures = LoginFailures(limits.failures, limits.failures_pause)
        self._read_pool = read_pool
        self._limits_on = limits_on

    async def take(self, origin: str, name: str) -> None:
        """Count an attempt; raises TooMany if there were too many."""
        wait = self._failures.wait(origin) or self._logins.take(origin) or self._accounts.take(name)
        if not (wait and self._limits_on):
            return
        if await self._read_pool.read(account_store.has_come_from, name, origin):
            wait = self._logins.take(f"{origin} {name}")
        if wait:
            raise TooMany("Too many logins: try again later", retry_after=round(wait, 1))

    def check(self, origin: str) -> None:
        """Raise TooMany if too many attempts of the address have failed."""
        wait = self._failures.wait(origin)
        if wait and self._limits_on:
            raise TooMany(
                "Too many failed logins from your address: try again later",
                retry_after=round(wait, 1),
            )

    def failed(self, origin: str) -> None:
        """Count a wrong password or token."""
        self._failures.add(origin)
