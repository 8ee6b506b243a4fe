"""Loads pyqtgraph in a thread: it takes 0.3 to 1.7 seconds, for which the window does not wait."""

import importlib
import threading
from collections.abc import Callable

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QAction, QGradient, QIcon, QPalette
from PyQt6.QtWidgets import QAbstractItemView, QGraphicsView, QListView

from messenger.windows.gui_thread import GuiThread

_MODULES = ("QtOpenGL", "QtOpenGLWidgets", "QtSvg", "QtTest")
"""Those of PyQt that pyqtgraph needs."""
_ENUMERATED = (
    (QGradient, "Preset"),
    (QIcon, "ThemeIcon"),
    (QPalette, "ColorRole"),
    (QAction, "MenuRole"),
    (QAbstractItemView, "State"),
    (QListView, "Flow"),
    (QGraphicsView, "DragMode"),
)
"""Classes that plots use first, and one of their enumerations each.

PyQt makes those of a class in Python when one is used: all at once take 30 ms of the first plot.
"""
_PAUSE = 10
"""Milliseconds between two plots, for what else is to be painted, and for keys."""


class PlotLoader:
    """Loads the library once; made and called in the GUI thread."""

    def __init__(self) -> None:
        self._gui = GuiThread()
        self._waiting: list[Callable[[], object]] = []
        self._thread: threading.Thread | None = None
        self.is_ready = False

    def begin(self) -> None:
        """Begin to load it, if nobody has."""
        if self._thread is None:
            # Not in the thread: while one imports them, the process crashes if Qt calls Python
            # (seen with PyQt 6.11, in sip's `convertSubClass`, which walks the list of modules).
            for name in _MODULES:
                importlib.import_module(f"PyQt6.{name}")
            self._thread = threading.Thread(target=self._load, name="plots", daemon=True)
            self._thread.start()

    def when_ready(self, do: Callable[[], object]) -> None:
        """Call a function in the GUI thread once the library is loaded: at once if it is."""
        if self.is_ready:
            do()
        else:
            self._waiting.append(do)
            self.begin()

    def join(self) -> None:
        """Wait until it is loaded: Python must not end in the middle of an import."""
        if self._thread is not None:
            self._thread.join()

    def _load(self) -> None:
        importlib.import_module("pyqtgraph")
        self._gui.call(self._tell)

    def _tell(self) -> None:
        self._make_enumerations(list(_ENUMERATED))

    def _make_enumerations(self, kinds: list[tuple[type, str]]) -> None:
        if kinds:
            getattr(*kinds.pop())
            QTimer.singleShot(0, lambda: self._make_enumerations(kinds))
        else:
            self.is_ready = True
            self._tell_next()

    def _tell_next(self) -> None:
        """Tell one after the other: all plots at once would stop the window for a blink."""
        if self._waiting:
            self._waiting.pop(0)()
            QTimer.singleShot(_PAUSE, self._tell_next)
