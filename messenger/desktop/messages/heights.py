"""The heights of rows, guessed at first and measured where they are seen, and their places."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Heights:
    """Heights in pixels of so many rows; `start` is the space above the first one.

    Call `arrange` after changes: then `top` and `at` know them.
    """

    def __init__(self) -> None:
        self.start = 0
        self._heights: list[int] = []
        self._known: list[bool] = []
        self._tops: list[int] = [0]

    def __len__(self) -> int:
        return len(self._heights)

    @property
    def total(self) -> int:
        """Where the last row ends."""
        return self._tops[-1]

    def top(self, row: int) -> int:
        """Return where a row begins."""
        return self._tops[row]

    def height(self, row: int) -> int:
        """Return the height of a row."""
        return self._heights[row]

    def is_known(self, row: int) -> bool:
        """Tell whether a row was measured."""
        return self._known[row]

    def at(self, y: float) -> int:
        """Return the row at a place, or the nearest one."""
        return max(0, min(len(self._heights) - 1, bisect_right(self._tops, y) - 1))

    def reset(self, guesses: Iterable[int]) -> None:
        """Forget all rows, and begin with guesses for new ones."""
        self._heights = list(guesses)
        self._known = [False] * len(self._heights)
        self.arrange()

    def insert(self, at: int, guesses: Iterable[int]) -> None:
        """Insert rows."""
        new = list(guesses)
        self._heights[at:at] = new
        self._known[at:at] = [False] * len(new)

    def remove(self, first: int, last: int) -> None:
        """Remove rows."""
        del self._heights[first : last + 1]
        del self._known[first : last + 1]

    def forget(self, row: int) -> None:
        """A row has changed: its height is a guess again."""
        self._known[row] = False

    def set(self, row: int, height: int) -> bool:
        """Note the measured height of a row; return whether it differs."""
        changed = self._heights[row] != height
        self._heights[row] = height
        self._known[row] = True
        return changed

    def arrange(self) -> None:
        """Work out where each row begins."""
        self._tops = list(accumulate(self._heights, initial=self.start))
