"""What counts per time: how many at once, and how often after that."""

import time
from collections import OrderedDict

_MOST_REMEMBERED = 10_000


class Bucket:
    """A token bucket: `burst` at once, then one each `interval` seconds."""

    __slots__ = ("_burst", "_free_at", "_interval")

    def __init__(self, burst: int, interval: float) -> None:
        self._burst = burst
        self._interval = interval
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until the next one is allowed: 0 if it is now."""
        return max(0.0, self._free_at - now - (self._burst - 1) * self._interval)

    def take(self, now: float) -> float:
        """Use one up and return 0, or return the seconds to wait."""
        if waiting := self.wait(now):
            return waiting
        self._free_at = max(self._free_at, now) + self._interval
        return 0.0


class Buckets:
    """A bucket for each account or address, the longest unused forgotten first."""

    def __init__(self, burst: int, interval: float) -> None:
        self._burst = burst
        self._interval = interval
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, now: float | None = None) -> float:
        """Use one up for the key and return 0, or return the seconds to wait."""
        bucket = self._buckets.pop(key, None) or Bucket(self._burst, self._interval)
        self._buckets[key] = bucket
        if len(self._buckets) > _MOST_REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket.take(time.monotonic() if now is None else now)


class Failures:
    """Addresses that failed too often: after `most` failures each waits for `pause` seconds."""

    def __init__(self, most: int, pause: float) -> None:
        self._most = most
        self._pause = pause
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return the seconds until the address may try again: 0 if it may now."""
        count, until = self._counts.get(address, (0, 0.0))
        return max(0.0, until - time.monotonic()) if count >= self._most else 0.0

    def add(self, address: str) -> None:
        """Count one more failure; a pause without any begins anew."""
        now = time.monotonic()
        count, until = self._counts.pop(address, (0, 0.0))
        self._counts[address] = (count + 1 if now < until else 1, now + self._pause)
        if len(self._counts) > _MOST_REMEMBERED:
            self._counts.popitem(last=False)
