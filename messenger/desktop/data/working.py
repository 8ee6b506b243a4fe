"""A dialog that does something long to a file: with progress, and a button that cancels it."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge, Task
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.language import _
from messenger.sdk.client import Client
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.plain import set_tip

_STEP = 0.05
"""Seconds between two signals of progress: a database copies thousands of rows in that time."""

Progress = Callable[[int, int], None]


class WorkingDialog(RequestDialog):
    """Shows how far the work in a thread is."""

    _progressed = pyqtSignal(int, int)

    def __init__(self, bridge: Bridge, window_title: str, parent: QWidget | None = None) -> None:
        super().__init__(bridge, window_title, parent)
        self._task: Task | None = None
        self._told_at = 0.0
        self._progressed.connect(self._show_progress)
        self.finished.connect(self._stop)

    def work(
        self,
        do: Callable[[Client, Progress], Any],
        then: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Do something in a thread; whoever closes the dialog cancels it."""
        self.set_busy(True)
        self._progress.setRange(0, 0)

        def ended(told: Callable[[Any], object], result: Any) -> None:
            self._task = None
            told(result)

        self._task = self.bridge.request(
            lambda client: do(client, self._tell),
            partial(ended, then),
            owner=self,
            failed=partial(ended, failed),
        )

    def show_end(self, icon_name: str, words: str, said: str, *more: QWidget) -> None:
        """Say that it is done."""
        close = acting(PrimaryButton(_("Done")), self.accept)
        self.show_page([icon_head(icon_name, words, said, colour="good"), *more], [close])

    def _tell(self, done: int, total: int) -> None:
        """Tell the progress, in the thread of the work."""
        now = time.monotonic()
        if now - self._told_at > _STEP or done >= total:
            self._told_at = now
            self._progressed.emit(done, total)

    def _show_progress(self, done: int, total: int) -> None:
        # A database may have more rows than an `int` of Qt can count.
        self._progress.show_progress(round(1000 * done / max(1, total)), 1000)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


class FileRow(PlainButton):
    """A button that shows the chosen file and lets the user choose another one."""

    def __init__(self, words: str, choose: Callable[[], Path | None]) -> None:
        super().__init__(words)
        self.file: Path | None = None
        self._choose = choose
        self.clicked.connect(self.ask)

    def ask(self) -> None:
        """Let the user choose a file."""
        if (file := self._choose()) is not None:
            self.show_file(file)

    def show_file(self, file: Path) -> None:
        """Take a file."""
        self.file = file
        self.setText(file.name)
        set_tip(self, str(file))
        self.setAccessibleName(str(file))
