"""The page of accounts: a table that the server searches, filters and sorts, and details."""

from functools import partial
from typing import Any

from PyQt6.QtWidgets import QMenu

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.keys import NEW
from messenger.admin_window.pages.account_actions import ACTIONS, AccountAction
from messenger.admin_window.pages.account_panel import fill_panel
from messenger.admin_window.pages.new_account import NewAccount
from messenger.admin_window.panel import Panel
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Pages
from messenger.admin_window.table.asking import paged
from messenger.admin_window.table.columns import NUMBER, SIZE, TIME, Column, Query, Slice
from messenger.admin_window.table.paged_model import PagedModel
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import Choice, TablePage, Tools
from messenger.admin_window.words import role_sign, state_dot, state_name
from messenger.language import N_, _, ngettext
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import AccountDetails, AccountEntry, OwnDevice
from messenger.ui.quantities import number
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.dialog import open_dialog
from messenger.windows.widgets.menus import add_to_menu

CHOICES = (
    Choice(N_("All accounts"), {}),
    Choice(N_("Online"), {"online": True}),
    Choice(N_("Offline"), {"online": False}),
    Choice(N_("Administrators"), {"role": "administrator"}),
    Choice(N_("Blocked"), {"filter": "blocked"}),
    Choice(N_("Removed accounts"), {"filter": "removed"}),
)
"""What the list can be limited to, and the keys of the request for that."""


class AccountsPage(TablePage[AccountEntry]):
    """All accounts: 100,000 of them are as quick as ten."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(
            "accounts",
            _("Accounts"),
            PagedModel(_columns(), paged(requests, _fetch), lambda row: row.account_name),
            Query((), "name"),
            Tools(_("Search by name or address"), CHOICES),
        )
        self._requests = requests
        self.saving = SaveBar(
            self, requests, partial(Pages, _fetch, self.model.key), _more_columns()
        )
        self.new = PrimaryButton(_("New account"))
        self.add_action(acting(self.new, self._add))
        self.add_key(NEW, self._add)
        self.panel: Panel[AccountEntry, AccountDetails] = Panel(
            requests,
            lambda server, row: server.account(row.account_name),
            partial(fill_panel, self.act, self.log_out),
        )
        self.set_panel(self.panel)
        self.panel.follow(self.table)
        self.table.fill_menu = self._fill_menu

    def act(self, action: AccountAction, account: AccountEntry) -> None:
        """Do something with an account, after a question that says what it does."""
        name, more = account.account_name, action.more
        if more is None:
            perform(self, self._requests, action.on(name))
            return

        def ask(found: AccountDetails) -> None:
            perform(self, self._requests, action.on(name, more(found)))

        self._requests.ask(
            lambda server: server.account(name), ask, failed=self.show_failure, owner=self
        )

    def log_out(self, name: str, device: OwnDevice) -> None:
        """Log out one device of an account, after a question: it may be lost."""
        called = device.name or device.device
        act = Act(
            _("Log out {device} of {name}?", device=called, name=name),
            _(
                "The device is logged out now, and needs the password to log in again. Messages"
                " that it has stored stay on it."
            ),
            _("Log out"),
            lambda server: server.log_out(name, device.device),
            _("{device} is logged out.", device=called),
        )
        perform(self, self._requests, act)

    def summarize(self, total: int) -> str:
        """Return how many accounts there are."""
        return ngettext("{shown} account", "{shown} accounts", total, shown=number(total))

    def _fill_menu(self, menu: QMenu, row: AccountEntry) -> None:
        for action in ACTIONS:
            if action.is_offered(row):
                do = partial(self.act, action, row)
                add_to_menu(menu, f"{_(action.words)}…", action.icon_name, do)
        menu.addSeparator()
        name = row.account_name
        for words, page, icon_name in (
            (_("All logins of {name}", name=name), "logins", "clock-counter-clockwise"),
            (_("What administrators did"), "audit", "shield-check"),
        ):
            add_to_menu(menu, words, icon_name, partial(self.elsewhere.emit, page, name))

    def _add(self) -> None:
        dialog = NewAccount(self._requests, self.window())
        dialog.added.connect(self._added)
        open_dialog(dialog)

    def _added(self, name: str) -> None:
        self.tell(_("The account {name} is added.", name=name))
        self.refresh()


def _fetch(server: Administration, /, **keys: Any) -> Slice[AccountEntry]:
    found = server.accounts(**keys)
    return Slice(found.accounts, found.total)


def _columns() -> list[Column[AccountEntry]]:
    return [
        Column(
            _("Name"), lambda row: row.account_name, "name", 140, stretches=True, is_strong=True
        ),
        Column(_("State"), state_name, "state", 100, tone=_tone, dot=state_dot),
        Column(_("Devices"), lambda row: row.devices, width=84, kind=NUMBER),
        Column(
            _("Last login"),
            lambda row: row.last_login,
            "last_login",
            156,
            TIME,
            tone=lambda _row: "soft",
        ),
        Column(_("Address"), lambda row: row.address, "address", 124, tone=lambda _row: "soft"),
        Column(_("Sent"), lambda row: row.messages, "messages", 84, NUMBER),
        Column(_("Size"), lambda row: row.bytes, "bytes", 84, SIZE),
        Column(_("Role"), role_sign, "role", 132, tone=lambda _row: "soft"),
    ]


def _more_columns() -> list[Column[AccountEntry]]:
    """Return what a file has besides."""
    return [
        Column(_("Added"), lambda row: row.created, kind=TIME),
        Column(_("Last seen"), lambda row: row.last_seen, kind=TIME),
    ]


def _tone(row: AccountEntry) -> Any:
    if row.state == "blocked":
        return "bad"
    return "text" if row.sessions else "soft"
