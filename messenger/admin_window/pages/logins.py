"""The page of the login history: who has logged in, when, from where, with which program."""

from functools import partial
from typing import Any

from PyQt6.QtWidgets import QMenu

from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Parts
from messenger.admin_window.table.asking import feed
from messenger.admin_window.table.columns import TIME, Column, Query
from messenger.admin_window.table.feed_model import FeedModel, Part
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import TablePage, Tools
from messenger.language import _
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import LoginEntry
from messenger.windows.widgets.menus import add_to_menu


class LoginsPage(TablePage[LoginEntry]):
    """The logins of all accounts, the latest first; those of one account, or from one address."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(
            "logins",
            _("Login history"),
            FeedModel(_columns(), feed(requests, _fetch), _key),
            Query(),
            Tools(_("Name or address")),
        )
        self.table.fill_menu = self._fill_menu
        self.saving = SaveBar(self, requests, partial(Parts, _fetch))

    def keys_of(self, words: str) -> dict[str, object]:
        """Return the keys for what is searched: an address begins with a digit, a name does not."""
        is_address = words[:1].isdigit() or ":" in words
        return {"address" if is_address else "name": words}

    def summarize(self, _total: int) -> str:
        """Return what the list is."""
        return _("The latest come first")

    def _fill_menu(self, menu: QMenu, row: LoginEntry) -> None:
        name, address = row.account_name, row.address
        for words, found in (
            (_("All logins of {name}", name=name), name),
            (_("All logins from {address}", address=address), address),
        ):
            add_to_menu(menu, words, "magnifying-glass", partial(self.search.setText, found))
        show = partial(self.elsewhere.emit, "accounts", name)
        add_to_menu(menu, _("Show the account"), "user", show)


def _fetch(server: Administration, /, **keys: Any) -> Part[LoginEntry]:
    found = server.logins(**keys)
    return Part(found.logins, found.next)


def _key(row: LoginEntry) -> tuple[str, float, str]:
    return row.account_name, row.time, row.address


def _columns() -> list[Column[LoginEntry]]:
    return [
        Column(_("Time"), lambda row: row.time, width=170, kind=TIME),
        Column(_("Name"), lambda row: row.account_name, width=180, stretches=True, is_strong=True),
        Column(_("Address"), lambda row: row.address, width=200),
        Column(
            _("Program"), lambda row: row.program, width=220, absent="–", tone=lambda _row: "soft"
        ),
    ]
