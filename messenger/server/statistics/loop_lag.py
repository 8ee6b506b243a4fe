"""How late the event loop runs what is due: every client waits as long."""

import asyncio
import time

from messenger.server.histogram import Histogram

_INTERVAL = 1.0  # seconds: it costs nothing, and a block of some seconds cannot be missed


class LoopLag:
    """Measures the lag once a second, from `start` to `stop`; in seconds.

    All are in `histogram`, and the greatest since the last `forget_worst` is `worst`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self.worst = 0.0
        self.histogram = Histogram()

    def start(self) -> None:
        """Begin."""
        self._due = time.monotonic() + _INTERVAL
        self._timer = self._loop.call_later(_INTERVAL, self._measure)

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()

    def forget_worst(self) -> None:
        """Look for the greatest lag from now on."""
        self.worst = 0.0

    def _measure(self) -> None:
        # Timers of event loops have a resolution of a millisecond, and may come early by that.
        late = max(0.0, time.monotonic() - self._due)
        self.histogram.add(late)
        self.worst = max(self.worst, late)
        self.start()
