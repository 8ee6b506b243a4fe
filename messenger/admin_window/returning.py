"""Waits until a server is back that was restarted: the window's own connection has ended, too."""

import time

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from messenger.admin_window.requests import Requests

_PAUSE = 300
"""Milliseconds between two attempts to connect."""


class Returning(QObject):
    """Asks until a server answers that has started since.

    Signals: `back`, and `missing` if it takes too long.
    """

    back = pyqtSignal()
    missing = pyqtSignal()

    def __init__(self, requests: Requests, parent: QObject) -> None:
        super().__init__(parent)
        self._requests = requests
        self._started = 0.0
        self._end = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._ask)

    def begin(self, started: float, seconds: float) -> None:
        """Wait so long for another server than the one that was started then (unix time)."""
        self._started = started
        self._end = time.monotonic() + seconds
        self._timer.start()

    def _ask(self) -> None:
        self._requests.ask(
            lambda server: server.stats().now.started,
            self._answered,
            failed=lambda _error: self._again(),
            owner=self,
        )

    def _answered(self, started: float) -> None:
        if started != self._started:
            self.back.emit()
        else:
            self._again()

    def _again(self) -> None:
        if time.monotonic() < self._end:
            self._timer.start()
        else:
            self.missing.emit()
