"""A plot in a card: title, legend, the drawing once pyqtgraph is loaded, and a read-out."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from messenger.admin_window.plots.lines import Line, Series
from messenger.admin_window.plots.loading import PlotLoader
from messenger.language import _
from messenger.windows.look.tokens import Radius, Space
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text, title

if TYPE_CHECKING:
    from messenger.admin_window.plots.graph import Graph

_BACK, _FORTH = Qt.Key.Key_Left, Qt.Key.Key_Right
_DOT = 10
_LOWEST = 120
"""Pixels of the drawing's height at least."""
_LONG_RANGE = 36 * 3600
"""Seconds: of longer ranges the read-out says the day, too."""


class PlotCard(QFrame):
    """A plot of some lines.

    The arrow keys move the read-out, Esc takes it away. Ctrl with the wheel zooms, a double click
    ends that.
    """

    def __init__(
        self, words: str, lines: Sequence[Line], loader: PlotLoader, *, whole: bool = True
    ) -> None:
        """`words` are the title; `whole`: the values are counts."""
        super().__init__()
        self.setObjectName("sheet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(words)
        self.setMinimumWidth(240)
        self._lines = list(lines)
        self._whole = whole
        self._loader = loader
        self._shown: tuple[Series, float, float] | None = None
        self._graph: Graph | None = None
        self._is_waiting = False
        self._position: int | None = None
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        name = title(words)
        name.setWordWrap(False)
        name.setObjectName("plot")
        head.addWidget(name, 1)
        for line in lines:
            dot = IconLabel("circle-fill", size=_DOT, colour=line.colour)
            said = text(line.words, small=True, wrap=False)
            said.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            head.addSpacing(Space.XS)
            head.addWidget(dot)
            head.addWidget(said)
        self._place = QVBoxLayout()
        self._room = QWidget()
        self._room.setMinimumHeight(_LOWEST)
        self._place.addWidget(self._room)
        # Wrapped, it would make the plot as tall as pyqtgraph wishes.
        self._empty = text(_("No figures of this time"), small=True, wrap=False)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.hide()
        self._place.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        layout.setSpacing(Space.S)
        layout.addLayout(head)
        layout.addLayout(self._place, 1)
        self._said = ReadOut(self)

    def show_series(self, series: Series, begin: float, end: float) -> None:
        """Show figures from `begin` to `end` (unix time), as soon as they can be drawn."""
        read = self._moment()
        self._shown = series, begin, end
        self._empty.setVisible(not any(one is not None for line in series.values for one in line))
        if self._loader.is_ready:
            self._draw()
        elif not self._is_waiting:
            self._is_waiting = True
            self._loader.when_ready(self._draw)
        self.setAccessibleDescription(self.described())
        self._point(None if read is None else series.nearest(read))

    def blank(self) -> None:
        """Leave the place of the lines empty until figures are shown again."""
        self._call(lambda graph: graph.blank())

    @property
    def is_drawn(self) -> bool:
        """Whether the drawing is there."""
        return self._graph is not None

    def described(self, position: int | None = None) -> str:
        """Return the figures at a time, by default at the latest one, as words."""
        if self._shown is None or not self._shown[0].times:
            return _("No figures yet")
        series, begin, end = self._shown
        at = len(series.times) - 1 if position is None else position
        then = time.localtime(series.times[at])
        moment = time.strftime("%Y-%m-%d %H:%M" if end - begin > _LONG_RANGE else "%H:%M", then)
        said = [
            f"{line.words}: {'–' if (value := values[at]) is None else line.said(value)}"
            for line, values in zip(self._lines, series.values, strict=True)
        ]
        return "\n".join([moment, *said])

    # --- Qt's virtual functions ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move the read-out by the arrow keys."""
        key = event.key() if event is not None else None
        if key in (_BACK, _FORTH, Qt.Key.Key_Home, Qt.Key.Key_End):
            self._step(Qt.Key(key))
        elif key == Qt.Key.Key_Escape and self._position is not None:
            self._point(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the read-out away."""
        super().focusOutEvent(event)
        self._point(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """End a zoom."""
        super().mouseDoubleClickEvent(event)
        self._call(lambda graph: graph.whole_range())

    # --- the drawing -----------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._shown is None:
            return
        from messenger.admin_window.plots.graph import Graph

        series, begin, end = self._shown
        if self._graph is None:
            graph = Graph(self._lines, self._point, whole=self._whole)
            graph.widget.setMinimumHeight(_LOWEST)
            graph.widget.setAccessibleName(self.accessibleName())
            self._place.replaceWidget(self._room, graph.widget)
            self._room.deleteLater()
            self._graph = graph
        self._graph.show(series, begin, end)

    def _call(self, do: "Callable[[Graph], object]") -> None:
        if self._graph is not None:
            do(self._graph)

    def _moment(self) -> float | None:
        """Return the time whose figures are read out."""
        if self._shown is None or self._position is None:
            return None
        return self._shown[0].times[self._position]

    def _step(self, key: Qt.Key) -> None:
        if self._shown is None or not self._shown[0].times:
            return
        last = len(self._shown[0].times) - 1
        at = last if self._position is None else self._position
        steps = {_BACK: at - 1, _FORTH: at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        self._point(min(last, max(0, steps[key] if self._position is not None else last)))

    def _point(self, position: int | None) -> None:
        """Show the figures at a time, by the pointer or the keyboard."""
        self._position = position
        self._call(lambda graph: graph.mark(position))
        if position is None:
            self._said.hide()
            return
        words = self.described(position)
        self.setAccessibleDescription(words)
        self._said.show_words(words)
        self._call(lambda graph: self._move(graph.widget.x() + graph.place_of(position)))

    def _move(self, x: float) -> None:
        """Put the read-out beside the time, where it hides least of the line.

        It stays within the card when a zoom shows other times.
        """
        width = self._said.width()
        most = self.width() - Space.S - width
        left = x - Space.M - width if x + Space.M > most else x + Space.M
        self._said.move(round(min(most, max(Space.S, left))), 44)


class ReadOut(QFrame):
    """A small card with the figures at a time; the pointer does not see it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = text("", small=True, wrap=False)
        self._words.setObjectName("readout")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.S, Radius.LAST, Space.S, Radius.LAST)
        layout.addWidget(self._words)
        self.hide()

    def show_words(self, words: str) -> None:
        """Show figures."""
        self._words.setText(words)
        self.adjustSize()
        self.show()
        self.raise_()
