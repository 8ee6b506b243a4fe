"""Has widgets styled anew: one by one, or all of the application in small steps."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

_POLISHED = Qt.WidgetAttribute.WA_WState_Polished
_OWN_STYLE = Qt.WidgetAttribute.WA_SetStyle
_STEP = 0.006
"""Seconds for which widgets are styled in one go."""
_PAUSE = 2
"""Milliseconds between two steps, for what is to be painted, and for keys."""


def restyle(*widgets: QWidget) -> None:
    """Style widgets anew: style sheets look at their names and properties only once."""
    for widget in widgets:
        if (style := widget.style()) is not None:
            style.unpolish(widget)
            style.polish(widget)


class Restyling(QObject):
    """Has a new style of the application reach its widgets step by step, those in sight first.

    Qt styles all widgets in one go, and takes up to 0.3 ms for each: a window with many pages would
    stand still for as long as an eye sees. But `QApplication::setStyle` passes over what is not
    polished, and does not tell of the style what has one of its own. Windows are not painted until
    all that is in sight has the new style.
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: list[QWidget] = []
        self._in_sight: list[QWidget] = []
        self._out_of_sight: list[QWidget] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._step)

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to be styled."""
        return not self._timer.isActive()

    @contextmanager
    def in_steps(self) -> Iterator[None]:
        """Have the application pass over all widgets as it changes its style in this block."""
        aside = [*self._in_sight, *self._out_of_sight]  # Those that another change has left.
        for widget in QApplication.allWidgets():
            # What has a style sheet of its own also needs that to be read again.
            if widget.testAttribute(_POLISHED) and not widget.styleSheet():
                widget.setAttribute(_POLISHED, False)
                aside.append(widget)
        self._in_sight, self._out_of_sight = [], []
        for widget in aside:
            (self._in_sight if _is_in_sight(widget) else self._out_of_sight).append(widget)
        for window in QApplication.topLevelWidgets():
            if window.isVisible() and window.updatesEnabled():
                window.setUpdatesEnabled(False)
                self._windows.append(window)
        self._timer.start()
        _mark_own_style(aside, has_one=True)
        try:
            yield
        finally:
            # With the mark, a style sheet of a parent would have Qt make a style for each of them.
            _mark_own_style(aside, has_one=False)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Have the application style all widgets as it changes its style in this block."""
        _style_some(self._in_sight, math.inf)
        _style_some(self._out_of_sight, math.inf)
        self._paint()
        self._timer.stop()
        yield

    def _step(self) -> None:
        if self._in_sight:
            _style_some(self._in_sight, _STEP)
        elif self._windows:
            self._paint()
        elif self._out_of_sight:
            # What has come in sight meanwhile is the first.
            self._out_of_sight.sort(key=_is_in_sight)
            _style_some(self._out_of_sight, _STEP)
        else:
            self._timer.stop()

    def _paint(self) -> None:
        for window in self._windows:
            if not sip.isdeleted(window):
                window.setUpdatesEnabled(True)
        self._windows = []


def _style_some(widgets: list[QWidget], seconds: float) -> None:
    """Style widgets as the application would have, from the end; leave those that have to wait."""
    end = time.monotonic() + seconds
    while widgets and time.monotonic() < end:
        widget = widgets.pop()
        if not sip.isdeleted(widget):
            restyle(widget)
            widget.setAttribute(_POLISHED)
            QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
            widget.update()


def _mark_own_style(widgets: list[QWidget], *, has_one: bool) -> None:
    for widget in widgets:
        if not sip.isdeleted(widget):
            widget.setAttribute(_OWN_STYLE, has_one)


def _is_in_sight(widget: QWidget) -> bool:
    return not sip.isdeleted(widget) and widget.isVisible() and not widget.visibleRegion().isEmpty()
