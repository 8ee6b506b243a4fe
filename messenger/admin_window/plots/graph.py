"""The drawing of a plot by pyqtgraph, in the look of the design.

Imported when a plot is shown, after `loading` has loaded the library. That has no types: what comes
from it is `Any` here.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QBrush, QColor, QLinearGradient, QPen, QWheelEvent
from PyQt6.QtWidgets import QWidget
from pyqtgraph.graphicsItems.DateAxisItem import TickSpec, ZoomLevel, makeMStepper, makeSStepper

from messenger.admin_window.plots.lines import Line, Series, stretches, ticks
from messenger.language import N_, _
from messenger.windows.look.fonts import font, metrics
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Type

_DAY_FORMAT = N_("%m-%d")
"""The day of a tick: month and day as `strftime` writes them in the user's language."""
_TICKS = 6
_GAP = 8
"""Pixels between the numbers of an axis and the lines."""
_ABOVE = 8
"""Pixels above the lines."""
_WIDTH = 1.6
_MARK = 7
_CTRL = Qt.KeyboardModifier.ControlModifier
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3_600, 86_400


class Graph:
    """Lines over time; `pointed` is told where the pointer is, None where it has left.

    `widget` is what is shown.
    """

    def __init__(
        self, lines: Sequence[Line], pointed: Callable[[int | None], object], *, whole: bool
    ) -> None:
        """`whole`: the values are counts, and half of one is no tick."""
        self._lines = lines
        self._pointed = pointed
        self._whole = whole
        self._series = Series([], [[] for _line in lines], 1.0)
        self._steps = [0.0, 1.0]
        self._items: list[Any] = []
        self._values: Any = pyqtgraph.AxisItem("left")
        self._times: Any = pyqtgraph.DateAxisItem("bottom")
        self._times.zoomLevels = _zoom_levels()
        self._box: Any = pyqtgraph.ViewBox(enableMenu=False)
        self._view: Any = pyqtgraph.GraphicsView()
        self._view.setCentralItem(self._laid_out())
        self.widget: QWidget = self._view
        self._view.setFrameShape(self._view.Shape.NoFrame)
        keeps_room = self._view.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self._view.setSizePolicy(keeps_room)
        self._watch = _Watch(self._view, lambda: pointed(None))
        for part in (self._view, self._view.viewport()):
            # The card has the keyboard: it reads the figures out.
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            part.installEventFilter(self._watch)
        self._box.setMouseEnabled(x=True, y=False)
        self._box.setDefaultPadding(0.0)
        self._box.disableAutoRange()
        self._at = pyqtgraph.InfiniteLine(movable=False)
        self._marks = pyqtgraph.ScatterPlotItem()
        self._marks.setZValue(10)
        for item in (self._at, self._marks):
            self._box.addItem(item, ignoreBounds=True)
            item.hide()
        self._view.scene().sigMouseMoved.connect(self._point)
        self._extent = 0

    def show(self, series: Series, begin: float, end: float) -> None:
        """Show figures from `begin` to `end` (unix time), in the colours of the theme.

        A zoom ends when the range has another length than before.
        """
        self._style()
        self._series = series
        steps = self._steps = ticks(series.greatest(), _TICKS, whole=self._whole)
        said = self._lines[0].said
        self._values.setTicks([[(value, said(value)) for value in steps]])
        width = max(metrics(Type.TINY).horizontalAdvance(said(value)) for value in steps)
        self._values.setWidth(round(width) + 2 * _GAP)
        is_kept = self._is_zoomed() and round(end - begin) == self._extent
        shown = self._box.viewRange()[0] if is_kept else (begin, end)
        self._extent = round(end - begin)
        self._box.setLimits(xMin=begin, xMax=end, minXRange=5 * series.step)
        self._box.setRange(xRange=shown, yRange=(0, steps[-1]), padding=0)
        self._draw()
        self._view.show()

    def blank(self) -> None:
        """Leave the place empty until figures are shown again."""
        self._view.hide()

    def mark(self, position: int | None) -> None:
        """Mark a time, and the values there; None takes that back."""
        for item in (self._at, self._marks):
            item.setVisible(position is not None)
        if position is None:
            return
        moment = self._series.times[position]
        self._at.setPos(moment)
        ring = QPen(QColor(theme.colours.window), 1.5)
        ring.setCosmetic(True)
        spots = [
            {
                "pos": (moment, value),
                "brush": QColor(getattr(theme.colours, line.colour)),
                "pen": ring,
                "size": _MARK,
            }
            for line, values in zip(self._lines, self._series.values, strict=True)
            if (value := values[position]) is not None
        ]
        self._marks.setData(spots)

    def place_of(self, position: int) -> float:
        """Return where a time is in the widget, in pixels from its left edge."""
        point = pyqtgraph.Point(self._series.times[position], 0)
        scene = self._box.mapViewToScene(point)
        return float(self._view.mapFromScene(scene).x())

    def whole_range(self) -> None:
        """End a zoom."""
        limits = self._box.state["limits"]["xLimits"]
        self._box.setXRange(*limits, padding=0)

    def _is_zoomed(self) -> bool:
        begin, end = self._box.viewRange()[0]
        return bool(round(end - begin) < self._extent)

    def _style(self) -> None:
        """Take the colours and the size of text of the theme."""
        colours = theme.colours
        self._view.setBackground(QColor(colours.window))
        soft, line = QPen(QColor(colours.soft)), QPen(QColor(colours.line))
        for axis in (self._values, self._times):
            axis.setTickFont(font(Type.TINY))
            axis.setTextPen(soft)
            axis.setPen(line)
            axis.setTickPen(line)
            # The topmost number stands half above the axis.
            axis.setStyle(tickLength=0, tickTextOffset=_GAP, hideOverlappingLabels=_ABOVE)
        self._values.setPen(QPen(Qt.PenStyle.NoPen))
        self._times.setHeight(round(metrics(Type.TINY).height()) + 2 * _GAP)
        self._at.setPen(QPen(QColor(colours.faint), 0))

    def _laid_out(self) -> Any:
        """Return the axes and the box in their places.

        Not pyqtgraph's own plot: that has forty hidden widgets for a menu that nobody opens.
        """
        made = pyqtgraph.GraphicsLayout(border=None)
        made.layout.setContentsMargins(0, _ABOVE, 0, 0)
        made.layout.setSpacing(0)
        for axis, row, column in ((self._values, 0, 0), (self._times, 1, 1)):
            axis.linkToView(self._box)
            made.addItem(axis, row, column)
        made.addItem(self._box, 0, 1)
        return made

    def _draw(self) -> None:
        for curve in self._items:
            self._box.removeItem(curve)
        self._items = []
        # Not by the grid of the axis, with which pyqtgraph leaves out the outermost numbers.
        for value in self._steps[1:]:
            level = pyqtgraph.InfiniteLine(value, angle=0, pen=QPen(QColor(theme.colours.line), 0))
            level.setZValue(-10)
            self._box.addItem(level, ignoreBounds=True)
            self._items.append(level)
        for number, line in enumerate(self._lines):
            ink = QColor(getattr(theme.colours, line.colour))
            pen = QPen(ink, _WIDTH)
            pen.setCosmetic(True)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            for times, values in stretches(self._series, number):
                curve = pyqtgraph.PlotCurveItem(
                    np.array(times),
                    np.array(values),
                    pen=pen,
                    fillLevel=0,
                    brush=self._fill(ink),
                    antialias=True,
                )
                self._box.addItem(curve)
                self._items.append(curve)

    def _fill(self, ink: QColor) -> QBrush:
        """Return the ground below a line: it fades towards the axis."""
        # In the coordinates of the values, in which curves are painted.
        fading = QLinearGradient(0, self._steps[-1], 0, 0)
        for at, strength in ((0.0, 70), (1.0, 6)):
            tint = QColor(ink)
            tint.setAlpha(strength)
            fading.setColorAt(at, tint)
        return QBrush(fading)

    def _point(self, place: Any) -> None:
        if not self._box.sceneBoundingRect().contains(place):
            self._pointed(None)
            return
        self._pointed(self._series.nearest(float(self._box.mapSceneToView(place).x())))


class _Watch(QObject):
    """Filters the events of a view: tells when the pointer leaves it, which its scene does not.

    The wheel zooms with Ctrl only: else it is for whatever scrolls the plots.
    """

    def __init__(self, parent: QWidget, left: Callable[[], object]) -> None:
        super().__init__(parent)
        self._left = left

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Look at every event; take the wheel without Ctrl."""
        if event is None:
            return False
        if event.type() is QEvent.Type.Leave:
            self._left()
        if isinstance(event, QWheelEvent) and not event.modifiers() & _CTRL:
            event.ignore()
            return True
        return False


def _zoom_levels() -> "OrderedDict[float, Any]":
    """Return how times are written from a year down to a second: pyqtgraph's are English words."""
    day = _(_DAY_FORMAT)

    def level(*specs: tuple[float, str, list[int]], example: str) -> Any:
        found = [
            TickSpec(spacing, makeSStepper(spacing), said, autoSkip=skipped)
            for spacing, said, skipped in specs
        ]
        return ZoomLevel(found, example)

    months = ZoomLevel(
        [TickSpec(30 * _DAY, makeMStepper(1), "%Y-%m", autoSkip=[1, 2, 3, 6])], "0000-00"
    )
    days = level((_DAY, day, [1, 2, 5, 10]), example="00-00 ")
    hours = level((_HOUR, "%H:%M", [1, 2, 4, 6, 12]), example="00:00 ")
    minutes = level((_MINUTE, "%H:%M", [1, 5, 10, 15, 30]), example="00:00 ")
    seconds = level((_SECOND, "%H:%M:%S", [1, 5, 15, 30]), example="00:00:00")
    return OrderedDict(
        [(np.inf, months), (5 * _DAY, days), (12 * _HOUR, hours), (15 * _MINUTE, minutes),
         (30, seconds)]
    )  # fmt: skip
