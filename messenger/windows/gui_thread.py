"""Brings functions of other threads into the GUI thread."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal

_Found = TypeVar("_Found")


class GuiThread(QObject):
    """Calls functions in the thread that it was created in: that of the windows."""

    _wanted = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._wanted.connect(self._do)

    def call(self, do: Callable[[], object]) -> None:
        """Call a function: soon from another thread, at once in this one."""
        if not sip.isdeleted(self):
            self._wanted.emit(do)

    def run(
        self,
        work: Callable[[], _Found],
        then: Callable[[_Found], object],
        failed: Callable[[Exception], object],
        owner: QObject,
    ) -> None:
        """Run the work in a thread, and pass its result or exception on in the GUI thread.

        Neither is passed on once `owner` is gone.
        """

        def do() -> None:
            try:
                found = work()
            except Exception as error:
                self._tell(failed, error, owner)
            else:
                self._tell(then, found, owner)

        threading.Thread(target=do, name="window", daemon=True).start()

    def _tell(self, told: Callable[[Any], object], result: Any, owner: QObject) -> None:
        self.call(lambda: None if sip.isdeleted(owner) else told(result))

    def _do(self, do: Callable[[], object]) -> None:
        do()
