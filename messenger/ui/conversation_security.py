"""What protects a conversation, in words: who can read what the user writes there."""

from enum import Enum, auto
from typing import NamedTuple

from messenger.jim.names import is_room
from messenger.language import _
from messenger.sdk.store import ConversationSummary, IdentityTrust
from messenger.ui.wording import shown_name, why_not_encrypted


class Protection(Enum):
    """The state that a symbol shows."""

    NONE = auto()
    """The server can read it."""
    ENCRYPTED = auto()
    VERIFIED = auto()
    """Encrypted for somebody whose identity is verified."""
    CHANGED = auto()
    """A verified identity has changed: nothing is sent."""


class ConversationSecurity(NamedTuple):
    """The protection of a conversation, and sentences about it."""

    protection: Protection
    text: str


def security_of(name: str, row: ConversationSummary | None) -> ConversationSecurity:
    """Return what protects a conversation; `row` is None if it is not stored."""
    if row is not None and row.trust is IdentityTrust.CHANGED:
        said = _(
            "{name}'s security keys have changed: nothing is sent until you decide.",
            name=shown_name(name),
        )
        return ConversationSecurity(Protection.CHANGED, said)
    if row is None or not row.encrypted:
        reason = why_not_encrypted(name, row)
        said = _(
            "{reason}. The server can read what you write here.",
            reason=reason[:1].upper() + reason[1:],
        )
        return ConversationSecurity(Protection.NONE, said)
    if is_room(name):
        said = _(
            "End-to-end encrypted: only the members of {name} can read it.", name=shown_name(name)
        )
        return ConversationSecurity(Protection.ENCRYPTED, said)
    said = _("End-to-end encrypted: only you and {name} can read it.", name=shown_name(name))
    if row.trust is IdentityTrust.VERIFIED:
        verified = _("{name} is verified.", name=shown_name(name))
        return ConversationSecurity(Protection.VERIFIED, f"{said} {verified}")
    unverified = _("{name} is not verified yet.", name=shown_name(name))
    return ConversationSecurity(Protection.ENCRYPTED, f"{said} {unverified}")
