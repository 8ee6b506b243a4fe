"""Words of the administration window for what the server names by letters."""

from messenger.language import N_, _
from messenger.sdk.administration.results import AccountEntry

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
