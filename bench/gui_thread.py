"""Measures how long the thread of the windows is busy at a time, without what others take from it.

On a machine with few cores the system gives a thread less than it wants. What it waited for a core
(`schedstat`) is no fault of the program, and is subtracted.
"""

import os
import threading
import time
from collections.abc import Sequence

from PyQt6.QtCore import QObject, Qt, QTimer

_BEAT = 2  # ms


class Heartbeat(QObject):
    """Beats every 2 ms in the thread that it was made in; `blocks` has by how much beats were late.

    `blocks` are in milliseconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[float] = []
        self._delays = os.open(
            f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY
        )
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to measure."""
        self.blocks.clear()
        self._last, self._delayed = time.perf_counter(), self._delay()
        self._timer.start()

    def stop(self) -> list[float]:
        """End; return the blocks."""
        self._timer.stop()
        return self.blocks

    def _beat(self) -> None:
        now, delayed = time.perf_counter(), self._delay()
        late = 1e3 * (now - self._last - (delayed - self._delayed)) - _BEAT
        self.blocks.append(max(0.0, late))
        self._last, self._delayed = now, delayed

    def _delay(self) -> float:
        """Return how long this thread has waited for a core so far, in seconds."""
        return int(os.pread(self._delays, 100, 0).split()[1]) / 1e9


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this percentage of the values stays below; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] if ordered else 0.0
