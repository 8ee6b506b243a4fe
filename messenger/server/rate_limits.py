"""Rate limits by token bucket, and the count of failed logins."""

import time
from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import islice

_MAX_REMEMBERED = 10_000  # keys: about 3 MB
_LOOKED_AT = 50  # of the oldest: one of them is full again, or a crowd is too fast to matter
_IPV6_PREFIX = 64  # bits: one customer gets at least that, and can use any address in it


def origin(address: str) -> str:
    """Return what an address counts as: an IPv6 address as its /64 network."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _IPV6_PREFIX), strict=False))


class TokenBucket:
    """A token bucket: `burst` at once, then one each `interval` seconds."""

    __slots__ = ("_burst", "_free_at", "_interval")

    def __init__(self, burst: int, interval: float) -> None:
        self._burst = burst
        self._interval = interval
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until the next one is allowed: 0 if it is now."""
        return max(0.0, self._free_at - now - (self._burst - 1) * self._interval)

    def full_at(self) -> float:
        """Return when the bucket is full again, on the clock of `take`."""
        return self._free_at

    def take(self, now: float) -> float:
        """Use one up and return 0, or return the seconds to wait."""
        if waiting := self.wait(now):
            return waiting
        self._free_at = max(self._free_at, now) + self._interval
        return 0.0


class RateLimiter:
    """A bucket for each account or address.

    If there are too many, one that is full again is dropped: a crowd of other keys cannot refill an
    empty one. If not `enabled`, everything passes.
    """

    def __init__(self, burst: int, interval: float, *, enabled: bool = True) -> None:
        self._burst = burst
        self._interval = interval
        self._enabled = enabled
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, now: float | None = None) -> float:
        """Use one up for the key and return 0, or return the seconds to wait."""
        if not self._enabled:
            return 0.0
        bucket = self._buckets.pop(key, None) or TokenBucket(self._burst, self._interval)
        waiting = bucket.take(time.monotonic() if now is None else now)
        self._buckets[key] = bucket
        if len(self._buckets) > _MAX_REMEMBERED:
            oldest = islice(self._buckets, _LOOKED_AT)
            del self._buckets[min(oldest, key=lambda one: self._buckets[one].full_at())]
        return waiting


class LoginFailures:
    """Failed logins of addresses: after `max_failures` an address waits for `pause` seconds."""

    def __init__(self, max_failures: int, pause: float) -> None:
        self._max = max_failures
        self._pause = pause
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return the seconds until the address may try again: 0 if it may now."""
        count, until = self._counts.get(address, (0, 0.0))
        return max(0.0, until - time.monotonic()) if count >= self._max else 0.0

    def add(self, address: str) -> None:
        """Count a failure; after a pause without any, counting starts again."""
        now = time.monotonic()
        count, until = self._counts.pop(address, (0, 0.0))
        self._counts[address] = (count + 1 if now < until else 1, now + self._pause)
        if len(self._counts) > _MAX_REMEMBERED:
            oldest = islice(self._counts, _LOOKED_AT)
            del self._counts[min(oldest, key=lambda one: (self.wait(one), self._counts[one]))]
