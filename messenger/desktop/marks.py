"""Icons that mean the same everywhere: protection, trust, the states of messages."""

from typing import NamedTuple

from messenger.sdk.store import IdentityTrust, MessageState
from messenger.ui.conversation_security import Protection


class Mark(NamedTuple):
    """An icon, and the name of its colour in the theme."""

    icon: str
    colour: str


PROTECTION: dict[Protection, Mark] = {
    Protection.NONE: Mark("lock-simple-open", "warn"),
    Protection.ENCRYPTED: Mark("lock-simple", "good"),
    Protection.VERIFIED: Mark("shield-check", "good"),
    Protection.CHANGED: Mark("shield-warning", "bad"),
}
"""The mark of what protects a conversation."""

TRUST: dict[IdentityTrust, Mark] = {
    IdentityTrust.VERIFIED: Mark("shield-check", "good"),
    IdentityTrust.CHANGED: Mark("shield-warning", "bad"),
}
"""The mark beside the name of somebody who was verified."""

STATES: dict[MessageState, str] = {
    MessageState.UNSENT: "clock",
    MessageState.SENT: "check",
    MessageState.DELIVERED: "checks",
    MessageState.READ: "checks",
    MessageState.FAILED: "warning-circle",
}
"""The icon of the state of the user's own message; its colour depends on the ground."""
