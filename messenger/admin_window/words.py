"""Words of the administration window for what the server names by letters."""

from collections.abc import Mapping

from messenger.language import N_, _
from messenger.sdk.administration.results import AccountEntry
from messenger.ui.quantities import date_and_time

_STATES = {"blocked": N_("blocked"), "removed": N_("removed")}
_ROLES = {"administrator": N_("administrator")}


def state_name(account: AccountEntry) -> str:
    """Return whether an account is online, or why it cannot be."""
    if account.state in _STATES:
        return _(_STATES[account.state])
    return _("online") if account.sessions else _("offline")


def state_dot(account: AccountEntry) -> str:
    """Return the name of the colour of an account's dot."""
    if account.state == "blocked":
        return "bad"
    return "good" if account.sessions else "faint"


def role_name(account: AccountEntry) -> str:
    """Return what an account may do, empty for a user."""
    return _(_ROLES[account.role]) if account.role in _ROLES else ""


_ACTS = {
    "admin_add": N_("Account added"),
    "admin_block": N_("Account blocked"),
    "admin_unblock": N_("Account unblocked"),
    "admin_remove": N_("Account removed"),
    "admin_reset": N_("Password reset"),
    "admin_promote": N_("Made an administrator"),
    "admin_demote": N_("Made a user again"),
    "admin_logout": N_("Logged out"),
    "admin_claim": N_("Became the first administrator"),
    "admin_end": N_("Connection ended"),
    "admin_close": N_("Room closed"),
    "admin_invite": N_("Invitation made"),
    "admin_revoke": N_("Invitation revoked"),
    "admin_notice": N_("Notice sent"),
    "admin_settle": N_("Report closed"),
    "admin_renew": N_("Certificate renewed"),
    "admin_set": N_("Setting changed"),
    "admin_backup": N_("Backup made"),
}


_LATEST_AMOUNT = 1e9
"""Numbers with a fraction that are greater are times (unix time): this one was in 2001."""


def act_name(tag: str) -> str:
    """Return what was done, by the tag of its request."""
    return _(_ACTS[tag]) if tag in _ACTS else tag


def change_lines(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the values of a row of the audit log, as names and words."""
    return [(name.replace("_", " "), _value(value)) for name, value in values.items()]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float) and value > _LATEST_AMOUNT:
        return date_and_time(value)
    return "–" if value is None else str(value)
