"""Collects garbage in the GUI thread only.

Python's collector runs in whichever thread happens to allocate. There it would also destroy what
belongs to Qt, such as pictures and text layouts: PyQt passes only QObjects on to their thread.
"""

import gc

from PyQt6.QtCore import QObject, QTimer

_EVERY = 1000
"""Milliseconds between looks: each costs some microseconds where there is little to collect."""
_THRESHOLDS = (10_000, 10, 20)
"""New objects after which the youngest generation is collected; then collections of the next."""


class GarbageCollector(QObject):
    """Collects by its timer, in the thread that it was created in, until it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self._was_enabled = gc.isenabled()
        self._thresholds = gc.get_threshold()
        gc.disable()
        gc.set_threshold(*_THRESHOLDS)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def settle(self) -> None:
        """Collect everything once, and leave what is loaded by now out of all later collections.

        With the client library that takes 50 ms: before a window is shown.
        """
        gc.collect()
        gc.freeze()

    def leave_out(self) -> None:
        """Leave what is there by now out of all later collections; takes no time.

        For libraries that were loaded while a window is shown: to look through them takes 50 ms.
        """
        gc.freeze()

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.set_threshold(*self._thresholds)
        if self._was_enabled:
            gc.enable()

    def _look(self) -> None:
        counts = gc.get_count()
        due = [number for number, most in enumerate(_THRESHOLDS) if counts[number] > most]
        if due:
            gc.collect(due[-1])
