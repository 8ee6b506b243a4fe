"""The page of reports: what users have reported, with the messages that they chose to show."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtWidgets import QMenu

from messenger.admin_window.pages.close_report import CloseReport
from messenger.admin_window.panel import Panel
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Parts
from messenger.admin_window.table.asking import feed
from messenger.admin_window.table.columns import NUMBER, TIME, Column, Query, Tone
from messenger.admin_window.table.feed_model import FeedModel, Part
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import Choice, TablePage, Tools
from messenger.language import N_, _
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import ReportDetails, ReportEntry
from messenger.ui.quantities import date_and_time, number
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.dialog import open_dialog
from messenger.windows.widgets.menus import add_to_menu

_CHOICES = (
    Choice(N_("Open reports"), {}),
    Choice(N_("Closed reports"), {"closed": True}),
    Choice(N_("All reports"), {"closed": None}),
)


class ReportsPage(TablePage[ReportEntry]):
    """The reports, the latest first."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(
            "reports",
            _("Reports"),
            FeedModel(_columns(), feed(requests, _fetch), lambda row: row.report),
            Query(),
            Tools("", _CHOICES),
        )
        self._requests = requests
        self.saving = SaveBar(self, requests, partial(Parts, _fetch), _more_columns())
        self.table.fill_menu = self._fill_menu
        self.panel: Panel[ReportEntry, ReportDetails] = Panel(
            requests, lambda server, row: server.report(row.report), self._fill_panel
        )
        self.set_panel(self.panel)
        self.panel.follow(self.table)

    def summarize(self, _total: int) -> str:
        """Return what a report is."""
        return _("What users have reported; only they choose which messages you see")

    def show_empty(self) -> None:
        """Say that nothing is to be done."""
        self.show_sign(
            "flag",
            _("There are no open reports"),
            _("Users report accounts, rooms and messages from their menus."),
        )

    def close_report(self, row: ReportEntry) -> None:
        """Close a report, with a note."""
        dialog = CloseReport(self._requests, row, self.window())
        dialog.closed_report.connect(self._closed)
        open_dialog(dialog)

    def _closed(self) -> None:
        self.tell(_("The report is closed."))
        # Not only its rows: which ones these are has changed.
        self.ask_anew()

    def _fill_menu(self, menu: QMenu, row: ReportEntry) -> None:
        if row.closed is None:
            add_to_menu(menu, f"{_('Close the report')}…", "check", lambda: self.close_report(row))
        for words, icon_name, show in self._places(row):
            add_to_menu(menu, words, icon_name, show)

    def _places(self, row: ReportEntry) -> list[tuple[str, str, Callable[[], object]]]:
        """Return where something can be done about it: words, an icon's name, what shows it."""
        found: list[tuple[str, str, Callable[[], object]]] = []
        for words, icon_name, page, name in (
            (_("Show the account"), "user", "accounts", row.account_name),
            (_("Show the room"), "hash", "rooms", row.room),
        ):
            if name:
                found.append((words, icon_name, partial(self.elsewhere.emit, page, name)))
        return found

    def _fill_panel(
        self,
        panel: Panel[ReportEntry, ReportDetails],
        row: ReportEntry,
        found: ReportDetails | None,
    ) -> None:
        state = _("is open") if row.closed is None else _("is closed")
        dot = "warn" if row.closed is None else "faint"
        panel.set_head(_about(row), state, dot, sign="flag")
        facts = [(_("Reported by"), row.reporter), (_("Time"), date_and_time(row.created))]
        if row.others:
            facts.append((_("Other open reports about the same"), number(row.others)))
        if row.closed is not None:
            facts += [(_("Closed"), date_and_time(row.closed)), (_("Closed by"), row.closed_by)]
        panel.add_facts(facts)
        if row.reason:
            panel.add_section(_("Reason"))
            panel.add_text(row.reason)
        if found is not None and found.messages:
            panel.add_section(_("Messages, as the reporter shows them"))
            for one in found.messages:
                below = ", ".join(filter(None, (one.from_, one.conversation)))
                panel.add_entry(one.text, f"{below}, {date_and_time(one.time)}")
        for words, _icon_name, show in self._places(row):
            panel.add_button(acting(PlainButton(words), show))
        if row.closed is None:
            button = PrimaryButton(f"{_('Close the report')}…")
            panel.add_button(acting(button, lambda: self.close_report(row)))


def _fetch(server: Administration, /, **keys: Any) -> Part[ReportEntry]:
    found = server.reports(**keys)
    return Part(found.reports, found.next)


def _about(row: ReportEntry) -> str:
    return ", ".join(filter(None, (row.account_name, row.room)))


def _soft(_row: ReportEntry) -> Tone:
    return "soft"


def _columns() -> list[Column[ReportEntry]]:
    return [
        Column(_("Reported"), _about, width=150, is_strong=True),
        Column(_("Reason"), lambda row: row.reason, width=140, stretches=True),
        Column(_("Messages"), lambda row: row.messages, width=100, kind=NUMBER),
        Column(_("Reported by"), lambda row: row.reporter, width=130),
        Column(_("Time"), lambda row: row.created, width=160, kind=TIME, tone=_soft),
        Column(
            _("State"),
            lambda row: _("is open") if row.closed is None else _("is closed"),
            width=100,
            tone=lambda row: "text" if row.closed is None else "soft",
            dot=lambda row: "warn" if row.closed is None else "faint",
        ),
        Column(_("Others"), lambda row: row.others, width=110, kind=NUMBER),
    ]


def _more_columns() -> list[Column[ReportEntry]]:
    """Return what a file has besides: the messages are for those who work on the report."""
    return [
        Column(_("Closed"), lambda row: row.closed, kind=TIME),
        Column(_("Closed by"), lambda row: row.closed_by),
    ]
