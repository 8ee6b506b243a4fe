"""The administration window, which measures itself: `python -m bench.admin_window_script DATA`."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QEventLoop, Qt
from PyQt6.QtWidgets import QApplication

from bench.gui_thread import Heartbeat
from messenger.admin_window.main_window import AdminWindow
from messenger.admin_window.opening import Here
from messenger.admin_window.pages.settings import SettingsPage
from messenger.admin_window.places import page_makers
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.program import SWITCH_INTERVAL
from messenger.admin_window.requests import Requests
from messenger.windows.application import make_application
from messenger.windows.ending import end_process
from messenger.windows.garbage import GarbageCollector
from messenger.windows.look.theme import theme

_TIMES = 5
_DRAGS = 60  # places of the scroll bar


class Script:
    """Opens each page, scrolls and sorts the largest table, and changes the colours."""

    def __init__(self, app: QApplication, data: Path) -> None:
        self._app = app
        self._garbage = GarbageCollector()
        self._requests = Requests(Here(data).open)
        self._loader = PlotLoader()
        self._makers = page_makers(self._requests, self._loader)
        # As after the login, during which they are loaded.
        self._loader.begin()
        self._loader.join()
        self._heart = Heartbeat()

    def measure(self) -> dict[str, float]:
        """Return the figures, in milliseconds."""
        # Before anything is measured: what is imported for a page is imported once.
        first = self._new_window()
        self._open_all(first)
        _destroy(first)
        figures = {
            f"the {page} opened": self._median(lambda page=page: self._open(page))
            for page in ("overview", "accounts")
        }
        window = self._new_window()
        self._heart.start()
        self._open_all(window)
        self._drag_accounts(window)
        figures["longest block, over all pages"] = max(self._heart.stop())
        self._heart.start()
        for page in ("overview", "settings", "accounts"):
            self._show(window, page)
            for colours in ("dark", "light"):
                theme.apply(colours)
                self._turn_until(lambda: theme.is_everywhere)
        figures["longest block, another theme"] = max(self._heart.stop())
        return figures

    def _new_window(self) -> AdminWindow:
        window = AdminWindow("localhost", "operator", self._makers)
        window.show_page("notice")
        window.show()
        self._turn_until(lambda: window.isActiveWindow() or window.isVisible())
        return window

    def _median(self, measured: Callable[[], float]) -> float:
        return sorted(measured() for _ in range(_TIMES))[_TIMES // 2]

    def _open(self, page: str) -> float:
        """Open a page in a new window; return until it shows the server's answer."""
        window = self._new_window()
        begun = time.monotonic()
        self._show(window, page)
        took = 1e3 * (time.monotonic() - begun)
        _destroy(window)
        return took

    def _open_all(self, window: AdminWindow) -> None:
        for maker in self._makers:
            self._show(window, maker.place.name)
            if isinstance(window.page, SettingsPage):
                for row in range(window.page.list.count()):
                    window.page.list.setCurrentRow(row)
                    self._turn_until(lambda: self._requests.is_idle)

    def _show(self, window: AdminWindow, page: str) -> None:
        window.show_page(page)
        shown = window.page
        self._turn_until(lambda: self._requests.is_idle and getattr(shown, "is_drawn", True))

    def _drag_accounts(self, window: AdminWindow) -> None:
        self._show(window, "accounts")
        table = window.page.table
        bar = table.verticalScrollBar()
        for place in range(0, bar.maximum(), bar.maximum() // _DRAGS):
            bar.setValue(place)
            self._turn_until(lambda: True)
        table.model().sort(3, Qt.SortOrder.DescendingOrder)
        self._turn_until(lambda: self._requests.is_idle)

    def _turn_until(self, condition: Callable[[], bool]) -> None:
        """Run the event loop until the condition holds and all is painted."""
        flags = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        while True:
            self._app.processEvents(flags)
            if condition():
                self._app.sendPostedEvents()
                self._app.processEvents()
                return

    def close(self) -> None:
        """End the connection."""
        self._requests.close()


def _destroy(window: AdminWindow) -> None:
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def main() -> None:
    """Measure, and print the figures as JSON."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    sys.setswitchinterval(SWITCH_INTERVAL)
    script = Script(make_application(), Path(sys.argv[1]))
    print(json.dumps(script.measure()), flush=True)
    script.close()
    end_process(0)


if __name__ == "__main__":
    main()
