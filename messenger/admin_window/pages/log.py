"""The page of the server's log: live, from a level up, with a text."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QHideEvent, QShowEvent

from messenger.admin_window.panel import Panel
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.columns import Column, Query, Tone
from messenger.admin_window.table.log_model import PAGE, LogModel, LogRow, LogSource
from messenger.admin_window.table.table_page import Choice, TablePage, Tools
from messenger.language import N_, _, ngettext
from messenger.sdk.administration.results import LogPage
from messenger.ui.quantities import number
from messenger.windows.widgets.buttons import PlainButton

_EVERY = 1_000
"""Milliseconds between two looks for new records, while the page is in sight."""
_CHOICES = (
    Choice(N_("All levels"), {}),
    Choice(N_("From INFO up"), {"level": "INFO"}),
    Choice(N_("From WARNING up"), {"level": "WARNING"}),
    Choice(N_("Only ERROR"), {"level": "ERROR"}),
)
_TONES: dict[str, Tone] = {"ERROR": "bad", "CRITICAL": "bad", "WARNING": "warn", "DEBUG": "soft"}


class LogPageView(TablePage[LogRow]):
    """The latest records on top; new ones appear as long as the page is in sight and *Live*."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(
            "log",
            _("Log"),
            LogModel(_columns(), _source(requests)),
            Query(),
            Tools(_("Search in texts and modules"), _CHOICES),
        )
        self.live = PlainButton(_("Live"))
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live.setAccessibleDescription(_("Show new records as they are written"))
        self.live.toggled.connect(lambda _on: self.refresh())
        self.add_action(self.live)
        self.panel: Panel[LogRow, LogRow] = Panel(requests, lambda _server, row: row, _fill_panel)
        self.set_panel(self.panel)
        self.panel.follow(self.table)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Ask for new records, unless they are not to be shown."""
        if self.live.isChecked() or not self.model.is_loaded:
            super().refresh()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Follow the log while the page is in sight."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Follow it no more."""
        super().hideEvent(event)
        self._timer.stop()

    def keys_of(self, words: str) -> dict[str, object]:
        """Return the keys for what is searched."""
        return {"text": words}

    def summarize(self, total: int) -> str:
        """Return how many records are shown."""
        shown = number(total)
        return ngettext(
            "The latest {shown} record, in the server's local time",
            "The latest {shown} records, in the server's local time",
            total,
            shown=shown,
        )


def _source(requests: Requests) -> LogSource:
    def ask(
        query: Query,
        after: str,
        then: Callable[[LogPage], object],
        failed: Callable[[Exception], object],
    ) -> object:
        keys: dict[str, Any] = dict(query.filters)
        return requests.ask(
            lambda server: server.log(**keys, limit=PAGE, after=after),
            then,
            failed=failed,
            owner=requests,
        )

    return ask


def _fill_panel(panel: Panel[LogRow, LogRow], row: LogRow, _found: LogRow | None) -> None:
    record = row.record
    dot = {"bad": "bad", "warn": "warn"}.get(_tone(row), "faint")
    panel.set_head(record.level, record.time, dot, sign="file-text")
    panel.add_facts([(_("Module"), record.module)])
    panel.add_text(record.text)


def _tone(row: LogRow) -> Tone:
    return _TONES.get(row.record.level, "text")


def _columns() -> list[Column[LogRow]]:
    return [
        Column(_("Time"), lambda row: row.record.time, width=200, tone=lambda _row: "soft"),
        Column(_("Level"), lambda row: row.record.level, width=96, tone=_tone),
        Column(_("Module"), lambda row: row.record.module, width=130, tone=lambda _row: "soft"),
        Column(
            _("Text"), lambda row: row.record.text.partition("\n")[0], width=150, stretches=True
        ),
    ]
