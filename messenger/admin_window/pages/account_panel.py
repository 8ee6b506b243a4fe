"""What the panel beside the table of accounts says of one: devices, rooms, logins, actions."""

from collections.abc import Callable
from functools import partial

from messenger.admin_window.pages.account_actions import ACTIONS, AccountAction
from messenger.admin_window.panel import Panel
from messenger.admin_window.words import role_sign, state_dot, state_name
from messenger.language import _, ngettext
from messenger.sdk.administration.results import AccountDetails, AccountEntry, OwnDevice
from messenger.ui.quantities import date_and_time, number, size
from messenger.windows.widgets.buttons import DangerButton, IconButton, PlainButton, acting

_LOGINS = 10

Act = Callable[[AccountAction, AccountEntry], object]
LogOut = Callable[[str, OwnDevice], object]


def fill_panel(
    act: Act,
    log_out: LogOut,
    panel: Panel[AccountEntry, AccountDetails],
    row: AccountEntry,
    found: AccountDetails | None,
) -> None:
    """Fill the panel: with what the table knows, and with the details if they have come."""
    account = (found.account if found is not None else None) or row
    name = account.account_name
    words = [one for one in (state_name(account), role_sign(account)) if one]
    panel.set_head(name, ", ".join(words), state_dot(account))
    panel.add_facts(
        [
            (_("Added"), date_and_time(account.created)),
            (_("Last login"), date_and_time(account.last_login) or _("never")),
            (_("Address"), account.address or "–"),
            (_("Messages"), number(account.messages)),
            (_("Size"), size(account.bytes)),
        ]
    )
    if found is not None:
        _add_details(panel, found, partial(log_out, name))
    for action in ACTIONS:
        if action.is_offered(account):
            made = DangerButton if action.is_danger else PlainButton
            button = made(f"{_(action.words)}…")
            button.setAccessibleDescription(_(action.question, name=name))
            panel.add_button(acting(button, partial(act, action, account)))


def _add_details(
    panel: Panel[AccountEntry, AccountDetails],
    found: AccountDetails,
    log_out: Callable[[OwnDevice], object],
) -> None:
    count = len(found.devices)
    panel.add_section(ngettext("{count} device", "{count} devices", count))
    for device in found.devices:
        when = date_and_time(device.last_seen) or _("never")
        below = ", ".join(one for one in (device.program, when, device.address) if one)
        called = device.name or device.device
        button = IconButton("sign-out", _("Log out {device}", device=called))
        panel.add_entry(called, below, acting(button, partial(log_out, device)))
    if found.rooms:
        panel.add_section(_("Rooms"))
        panel.add_note(", ".join(found.rooms))
    if found.logins:
        panel.add_section(_("Last logins"))
    for login in found.logins[:_LOGINS]:
        below = ", ".join(one for one in (login.address, login.program) if one)
        panel.add_entry(date_and_time(login.time), below)
