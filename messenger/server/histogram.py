"""A histogram of times in buckets that grow with them: small, quick to add to, and to be merged."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

BOUNDS = tuple(round(0.0001 * 2 ** (step / 2), 7) for step in range(37))
"""The greatest time in each bucket, in seconds: from 0.1 ms to 26 s, two for each doubling.

Whatever takes longer is in one more bucket.
"""


class Histogram:
    """How many times fell into each bucket, and their sum in seconds; for the event loop only."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float, count: int = 1) -> None:
        """Add a time that was taken so many times."""
        self.counts[bisect_left(BOUNDS, seconds)] += count
        self.total += seconds * count

    def since(self, before: Sequence[int]) -> list[int]:
        """Return what was added since the counts were these."""
        return [now - then for now, then in zip(self.counts, before, strict=True)]


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Return the time in seconds that this share of them (from 0 to 1) does not exceed.

    None if there are none. Within a bucket they are taken to be spread evenly by their logarithm,
    so the error is below a fifth.
    """
    whole = sum(counts)
    if not whole:
        return None
    wanted = share * whole
    for index, reached in enumerate(accumulate(counts)):
        if reached >= wanted and counts[index]:
            break
    if index >= len(BOUNDS):
        return BOUNDS[-1]
    most, width = BOUNDS[index], math.sqrt(2)
    part = (wanted - (reached - counts[index])) / counts[index]
    return float(most / width * width ** max(0.0, part))


def merged(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Return the counts of several histograms together."""
    return [sum(each) for each in zip(*histograms, strict=True)] or [0] * (len(BOUNDS) + 1)


def as_text(counts: Sequence[int]) -> str:
    """Return the counts as they are stored: `bucket:count` of those that are not empty."""
    return " ".join(f"{index}:{count}" for index, count in enumerate(counts) if count)


def from_text(stored: str) -> list[int]:
    """Return the counts that `as_text` has written."""
    counts = [0] * (len(BOUNDS) + 1)
    for pair in stored.split():
        index, _, count = pair.partition(":")
        # A bucket that a later version has more is that of the longest here.
        counts[min(int(index), len(BOUNDS))] += int(count)
    return counts
