"""The page that an operator looks at first: how the server is doing, now and over time."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QButtonGroup, QGridLayout, QVBoxLayout, QWidget

from messenger.admin_window.keys import SAVE
from messenger.admin_window.page import Page
from messenger.admin_window.pages.overview_figures import FIGURES, PLOTS, csv_text
from messenger.admin_window.plots.card import PlotCard
from messenger.admin_window.plots.figure import FigureCard
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.requests import Requests
from messenger.files import replacing
from messenger.language import N_, _
from messenger.sdk.administration.results import Range, ServerStats
from messenger.sdk.file_errors import FileUnwritable
from messenger.system_errors import reason_of
from messenger.ui.quantities import duration
from messenger.windows.file_questions import file_to_save
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.layouts import spaced
from messenger.windows.widgets.scrolling import scrolled

_PLOT = 180
"""The height of a plot at least, in pixels."""
_PAUSE = 10
"""Milliseconds between two plots, for what else is to be painted, and for keys."""
_TWO = 660
"""The width from which two plots stand side by side, in pixels."""

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class _Span(NamedTuple):
    """A range that can be chosen: its button's words, untranslated, and its length in seconds."""

    name: Range
    words: str
    seconds: int


_SPANS = (
    _Span("hour", N_("Hour"), 3_600),
    _Span("day", N_("Day"), 86_400),
    _Span("month", N_("Month"), 30 * 86_400),
    _Span("year", N_("Year"), 366 * 86_400),
)


class OverviewPage(Page):
    """Figures and plots. It is brought up to date as long as it is in sight."""

    def __init__(self, requests: Requests, loader: PlotLoader) -> None:
        super().__init__("overview", _("Overview"))
        self._requests = requests
        self._found: ServerStats | None = None
        self._span = self._found_span = _SPANS[1]
        self.spans = QButtonGroup(self)
        buttons = []
        for number, span in enumerate(_SPANS):
            button = PlainButton(_(span.words))
            button.setCheckable(True)
            button.setChecked(span is self._span)
            self.spans.addButton(button, number)
            buttons.append(button)
        self.spans.idClicked.connect(self._choose)
        spans = spaced(*buttons, spacing=Space.XS)
        spans.setAccessibleName(_("Range"))
        self.add_action(spans)
        self.export = PlainButton(_("Save as CSV…"))
        self.export.setEnabled(False)
        self.add_action(acting(self.export, self._export))
        self.add_key(SAVE, self._export)
        self.figures = [FigureCard(_(one.words)) for one in FIGURES]
        self.plots = [PlotCard(_(one.words), one.lines(), loader, whole=one.whole) for one in PLOTS]
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.M)
        self._row = QGridLayout()
        self._row.setSpacing(Space.M)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(self._row)
        column.addLayout(self._grid, 1)
        self._scroll = scrolled(inside)
        self.set_content(self._scroll)
        # One after the other: all plots at once would stop the window for longer than a blink.
        self._to_draw: list[int] = []
        self._drawing = QTimer(self)
        self._drawing.timeout.connect(self._draw_next)
        self._fit()
        self._scroll.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self.show_content()

    @property
    def is_drawn(self) -> bool:
        """Whether all plots show what has come last."""
        return self._found is not None and not self._to_draw and self.plots[-1].is_drawn

    def refresh(self) -> None:
        """Ask for the figures of the range that is chosen."""
        span = self._span
        self.set_loading(True)
        self._requests.ask(
            lambda server: server.stats(span.name),
            lambda found: self._show(span, found),
            failed=self.show_error,
            owner=self,
        )

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Place the plots anew when the room for them has changed."""
        if event is not None and event.type() is QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Show what has come last, until the server tells more."""
        super().showEvent(event)
        self._paint_anew()

    def _choose(self, number: int) -> None:
        self._span = _SPANS[number]
        self.refresh()

    def _show(self, span: _Span, found: ServerStats) -> None:
        if span is not self._span:
            return  # Another range was chosen meanwhile.
        self._found, self._found_span = found, span
        self.show_content()
        self.export.setEnabled(True)
        self.set_subtitle(
            _(
                "Up for {time}. Version {version}, {database}",
                time=duration(time.time() - found.now.started),
                version=found.now.version,
                database=_DATABASES.get(found.now.database, found.now.database),
            )
        )
        for card, figure in zip(self.figures, FIGURES, strict=True):
            said, note, is_bad = figure.show(found)
            card.show_figure(said, note, is_bad=is_bad)
        self._fit()
        self._draw_anew()

    def _restyle(self) -> None:
        self._fit()
        self._paint_anew()

    def _paint_anew(self) -> None:
        for plot in self.plots:
            plot.blank()
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._to_draw = list(range(len(self.plots)))
        self._drawing.start(_PAUSE)

    def _draw_next(self) -> None:
        if not self._to_draw or self._found is None or self._found.series is None:
            self._drawing.stop()
            return
        number = self._to_draw.pop(0)
        end = time.time()
        series = PLOTS[number].of(self._found.series)
        self.plots[number].show_series(series, end - self._found_span.seconds, end)

    def _fit(self) -> None:
        width = self._scroll.width()
        wanted = sum(one.minimumSizeHint().width() + Space.M for one in self.figures)
        bar = self._scroll.verticalScrollBar()
        room = width - (bar.sizeHint().width() if bar is not None else 0)
        _arrange(self._row, self.figures, 6 if wanted - Space.M <= room else 3)
        _arrange(self._grid, self.plots, 2 if width / theme.scale >= _TWO else 1)

    def _export(self) -> None:
        if self._found is None or self._found.series is None:
            return
        name = f"messenger-{self._found_span.name}-{time.strftime('%Y-%m-%d')}.csv"
        file = file_to_save(self, _("Save as CSV"), name)
        if file is None:
            return
        try:
            with replacing(file) as out:
                out.write(csv_text(self._found.series).encode())
        except OSError as error:
            self.show_failure(FileUnwritable(file, reason_of(error)))
        else:
            self.tell(_("The figures are in {file}.", file=file.name))


def _arrange(grid: QGridLayout, widgets: Sequence[QWidget], columns: int) -> None:
    """Place widgets in so many columns of the same width."""
    if grid.count() and grid.columnCount() >= columns and grid.columnStretch(columns - 1):
        is_same = columns == len(widgets) or not grid.columnStretch(columns)
        if is_same:
            return
    for number, widget in enumerate(widgets):
        grid.addWidget(widget, number // columns, number % columns)
    for number in range(max(columns, grid.columnCount())):
        grid.setColumnStretch(number, 1 if number < columns else 0)
