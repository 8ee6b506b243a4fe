"""Tells when a day begins, for what says *Yesterday*."""

import datetime as dt

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

_LATE = dt.timedelta(seconds=1)
"""A timer may be early."""


class NewDay(QObject):
    """Signals: `began`, shortly after each midnight of this computer's clock."""

    began = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)
        self._wait()

    def _wait(self) -> None:
        self._timer.start(milliseconds_of_day_left(dt.datetime.now().astimezone()))

    def _tell(self) -> None:
        self._wait()
        self.began.emit()


def milliseconds_of_day_left(now: dt.datetime) -> int:
    """Return after how long it is the next day, and a moment more."""
    midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
    return round((midnight + _LATE - now).total_seconds() * 1000)
