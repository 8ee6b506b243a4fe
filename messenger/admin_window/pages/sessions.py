"""The page of sessions: who is connected now, from where, with which program."""

from functools import partial
from typing import Any

from PyQt6.QtWidgets import QMenu

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Pages
from messenger.admin_window.table.asking import paged
from messenger.admin_window.table.columns import DURATION, TIME, Column, Query, Slice, Tone
from messenger.admin_window.table.paged_model import PagedModel
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import TablePage, Tools
from messenger.language import _, ngettext
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import SessionEntry
from messenger.ui.audit_words import origin_name
from messenger.ui.quantities import number
from messenger.windows.widgets.menus import add_to_menu


class SessionsPage(TablePage[SessionEntry]):
    """All connections, also those that have not logged in."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        super().__init__(
            "sessions",
            _("Sessions"),
            PagedModel(_columns(), paged(requests, _fetch), lambda row: row.number),
            Query((), "account_name"),
            Tools(_("Search by name or address")),
        )
        self.table.fill_menu = self._fill_menu
        self.saving = SaveBar(
            self, requests, partial(Pages, _fetch, self.model.key), _more_columns()
        )

    def summarize(self, total: int) -> str:
        """Return how many connections there are."""
        return ngettext("{shown} connection", "{shown} connections", total, shown=number(total))

    def end(self, row: SessionEntry) -> None:
        """End a connection, after a question."""
        who = row.account_name or row.address
        act = Act(
            _("End this connection of {name}?", name=who),
            _(
                "The connection is closed now. A client of Messenger connects and logs in again by"
                " itself; to prevent that, log the account out or block it."
            ),
            _("End it"),
            lambda server: server.end_session(row.number),
            _("The connection of {name} is ended.", name=who),
        )
        perform(self, self._requests, act)

    def _fill_menu(self, menu: QMenu, row: SessionEntry) -> None:
        add_to_menu(menu, f"{_('End it')}…", "prohibit", lambda: self.end(row))
        if row.account_name and not row.guest and not row.operator:
            show = partial(self.elsewhere.emit, "accounts", row.account_name)
            add_to_menu(menu, _("Show the account"), "user", show)


def _fetch(server: Administration, /, **keys: Any) -> Slice[SessionEntry]:
    found = server.sessions(**keys)
    return Slice(found.sessions, found.total)


def _columns() -> list[Column[SessionEntry]]:
    return [
        Column(_("Name"), _name, "account_name", 140, stretches=True, is_strong=True, tone=_tone),
        Column(_("Address"), lambda row: origin_name(row.address), "address", 140),
        Column(_("Program"), lambda row: row.program, "program", 130, absent="–", tone=_soft),
        Column(_("Online since"), lambda row: row.since, "since", 156, TIME, tone=_soft),
        Column(_("Idle for"), lambda row: row.idle, "idle", 110, DURATION),
        Column(_("Encryption"), _encryption, width=110, tone=_encryption_tone),
        Column(
            _("Reading"),
            lambda row: _("slow") if row.slow else "",
            width=90,
            tone=lambda _row: "bad",
        ),
    ]


def _more_columns() -> list[Column[SessionEntry]]:
    """Return what a file has besides."""
    return [
        Column(_("Device"), lambda row: row.device),
        Column(_("Language"), lambda row: row.language),
    ]


def _name(row: SessionEntry) -> str:
    if row.operator:
        return _("operator")
    if not row.account_name:
        return _("not logged in")
    return f"{row.account_name} {_('(guest)')}" if row.guest else row.account_name


def _encryption(row: SessionEntry) -> str:
    if row.operator:
        return "–"
    return "TLS" if row.tls else _("none")


def _encryption_tone(row: SessionEntry) -> Tone:
    return "soft" if row.tls or row.operator else "warn"


def _tone(row: SessionEntry) -> Tone:
    return "text" if row.account_name else "soft"


def _soft(_row: SessionEntry) -> Tone:
    return "soft"
