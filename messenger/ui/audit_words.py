"""The words for the rows of the audit log: what was done, from where, and what it has changed."""

from collections.abc import Mapping

from messenger.language import N_, _
from messenger.ui.quantities import date_and_time
from messenger.ui.server_words import role_name

ACTS = {
    "admin_add": N_("Account added"),
    "admin_block": N_("Account blocked"),
    "admin_unblock": N_("Account unblocked"),
    "admin_remove": N_("Account removed"),
    "admin_reset": N_("Password reset"),
    "admin_promote": N_("Made an administrator"),
    "admin_demote": N_("Made a user again"),
    "admin_logout": N_("Account logged out"),
    "admin_claim": N_("Became the first administrator"),
    "admin_end": N_("Connection ended"),
    "admin_close": N_("Room closed"),
    "admin_invite": N_("Invitation made"),
    "admin_revoke": N_("Invitation revoked"),
    "admin_notice": N_("Notice sent"),
    "admin_settle": N_("Report closed"),
    "admin_renew": N_("Certificate renewed"),
    "admin_set": N_("Setting changed"),
    "admin_test_db": N_("Database tried"),
    "admin_backup": N_("Backup made"),
    "admin_restore": N_("Backup restored"),
    "admin_restart": N_("Server restarted"),
}
"""What was done, untranslated, by the tag of its request."""

_FACTS = {
    "address": N_("Address"),
    "blocked": N_("Is blocked"),
    "characters": N_("Characters"),
    "closed": N_("Is closed"),
    "creator": N_("Created by"),
    "device": N_("Device"),
    "devices": N_("Devices"),
    "directory": N_("Directory"),
    "expires": N_("Expires"),
    "invitations": N_("Invitations that are valid"),
    "logins": N_("Devices logged in"),
    "members": N_("Members"),
    "not_after": N_("Valid until"),
    "note": N_("Note"),
    "others": N_("Other reports closed"),
    "removed": N_("Is removed"),
    "role": N_("Role"),
    "rooms": N_("Rooms"),
    "tried": N_("Tried"),
    "uses": N_("Registrations left"),
}

_LATEST_AMOUNT = 1e9
"""Numbers with a fraction that are greater are times (unix time): this one was in 2001."""


def act_name(tag: str) -> str:
    """Return what was done, by the tag of its request."""
    return _(ACTS[tag]) if tag in ACTS else tag


def actor_name(name: str) -> str:
    """Return who has acted; no account can have the operator's name."""
    return _("operator") if name == "operator" else name


def origin_name(origin: str) -> str:
    """Return from where it was done: an IP address, or the server's machine."""
    return _("the server's machine") if origin == "local" else origin


def change_facts(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what is known of a change, as names and words; settings have the names in the file."""
    return [(fact_name(name), _value(name, value)) for name, value in values.items()]


def fact_name(name: str) -> str:
    """Return the name of a value as people call it; that of a setting stays as it is."""
    return _(_FACTS[name]) if name in _FACTS else name


def _value(name: str, value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float) and value > _LATEST_AMOUNT:
        return date_and_time(value)
    return role_name(str(value)) if name == "role" else str(value)
