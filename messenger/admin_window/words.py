"""How the administration window shows the state and the role of an account."""

from messenger.language import _
from messenger.sdk.administration.results import AccountEntry
from messenger.ui.server_words import account_state_name, role_name


def state_name(account: AccountEntry) -> str:
    """Return whether an account is online, or why it cannot be."""
    if account.state != "active":
        return account_state_name(account.state)
    return _("online") if account.sessions else _("offline")


def state_dot(account: AccountEntry) -> str:
    """Return the name of the colour of an account's dot."""
    if account.state == "blocked":
        return "bad"
    return "good" if account.sessions else "faint"


def role_sign(account: AccountEntry) -> str:
    """Return what an account may do, empty for a user."""
    return role_name(account.role) if account.role != "user" else ""
