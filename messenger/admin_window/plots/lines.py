"""What a plot shows, without any toolkit: lines over time, their gaps, and the range of an axis."""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Distances of ticks that people can count by, times a power of ten."""

_ROOM = 1.02
"""How much higher than the greatest value an axis is at least: a line must not touch its end."""


class Line(NamedTuple):
    """A line of a plot: its name, the name of its colour in the theme, and its figures as words."""

    words: str
    colour: str
    said: Callable[[float], str]


class Series(NamedTuple):
    """Figures at times (unix time), `step` seconds apart; a list of values for each line.

    None: nothing is known of that time.
    """

    times: Sequence[float]
    values: Sequence[Sequence[float | None]]
    step: float

    def nearest(self, moment: float) -> int | None:
        """Return the position of the time that is nearest, None if there is none."""
        if not self.times:
            return None
        right = min(bisect_left(self.times, moment), len(self.times) - 1)
        left = max(0, right - 1)
        is_left = abs(self.times[left] - moment) < abs(self.times[right] - moment)
        return left if is_left else right

    def greatest(self) -> float:
        """Return the greatest value of all lines, 0 if there is none."""
        return max((one for line in self.values for one in line if one is not None), default=0.0)


def stretches(series: Series, line: int) -> Iterator[tuple[list[float], list[float]]]:
    """Yield the times and values of each part of a line that has no gap."""
    times: list[float] = []
    values: list[float] = []
    for moment, value in zip(series.times, series.values[line], strict=True):
        is_gap = value is None or (times and moment - times[-1] > 1.5 * series.step)
        if is_gap and times:
            yield times, values
            times, values = [], []
        if value is not None:
            times.append(moment)
            values.append(value)
    if times:
        yield times, values


def ticks(greatest: float, most: int, *, whole: bool) -> list[float]:
    """Return at most `most` ticks from 0 to beyond the greatest value; `whole` for counts."""
    greatest = max(greatest, 1.0) if whole else greatest or 1.0
    wanted = greatest / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(one * power for one in _STEPS if one * power >= wanted * (1 - 1e-9))
    if whole:
        step = max(1.0, math.ceil(step))
    count = math.ceil(max(_ROOM * greatest, step) / step - 1e-9)
    return [number * step for number in range(count + 1)]
