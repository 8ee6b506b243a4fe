"""How far the work on a backup is."""

from collections.abc import Callable
from typing import Literal, NamedTuple

Phase = Literal["copying", "checking", "packing", "unpacking", "writing", "comparing"]
"""A backup is copied, checked and packed; it is unpacked and checked, then written and compared."""


class Progress(NamedTuple):
    """How much of a phase is done; both numbers are bytes or rows."""

    phase: Phase
    done: int
    total: int
    unit: Literal["bytes", "rows"]


OnProgress = Callable[[Progress], None]
"""Gets each step, in the thread that works; what it raises ends the work, which leaves nothing."""


class Counter:
    """Adds up the steps of a phase, and reports them."""

    def __init__(
        self, phase: Phase, total: int, unit: Literal["bytes", "rows"], on_progress: OnProgress
    ) -> None:
        self._progress = Progress(phase, 0, total, unit)
        self._on_progress = on_progress
        on_progress(self._progress)

    def add(self, count: int) -> None:
        """Count what one step has done."""
        self._progress = self._progress._replace(done=self._progress.done + count)
        self._on_progress(self._progress)
