"""What is known of a message: who wrote it, when, whether it was encrypted, and its state."""

from typing import NamedTuple

from messenger.language import N_, _
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, StoredMessage
from messenger.ui.wording import failure_text, message_state_name, shown_name, trust_name, when

_SECURITY: dict[MessageSecurity, str] = {
    MessageSecurity.UNENCRYPTED: N_("Not encrypted: the server can read it"),
    MessageSecurity.ENCRYPTED: N_("End-to-end encrypted"),
    MessageSecurity.WAITING: N_("Encrypted: its key has not arrived yet"),
    MessageSecurity.BEFORE: N_("Encrypted: sent before you joined"),
    MessageSecurity.EARLIER: N_("Encrypted: sent before this device was added"),
    MessageSecurity.UNSIGNED: N_("Encrypted by a device that is not verified: hidden"),
    MessageSecurity.UNPROVED: N_(
        "Encrypted, but not by a device that the sender's identity has signed"
    ),
    MessageSecurity.UNAPPROVED: N_("Encrypted: approve this device to read it"),
    MessageSecurity.DOWNGRADED: N_("Not encrypted: anybody may have written it"),
    MessageSecurity.INVALID: N_("Failed verification: hidden"),
    MessageSecurity.BLOCKED: N_("Hidden: you have blocked the sender"),
}


class Fact(NamedTuple):
    """A label, and what is known."""

    label: str
    value: str


def facts_of(message: StoredMessage, trust: IdentityTrust = IdentityTrust.UNKNOWN) -> list[Fact]:
    """Return what is known of a message; `trust` is that in its sender."""
    sender = shown_name(message.sender)
    if message.guest:
        sender += " " + _("(guest)")
    elif trust_name(trust):
        sender += f" ({trust_name(trust)})"
    facts = [Fact(_("From"), sender), Fact(_("Written"), when(message.time))]
    if message.seq is not None:
        facts.append(Fact(_("On the server"), when(message.stored)))
    if message.state is not MessageState.RECEIVED:
        facts.append(Fact(_("State"), message_state_name(message.state)))
    if failure_text(message):
        facts.append(Fact(_("Reason"), failure_text(message)))
    is_waiting = message.state in (MessageState.UNSENT, MessageState.FAILED)
    if not is_waiting or message.security is not MessageSecurity.UNENCRYPTED:
        facts.append(Fact(_("Encryption"), _(_SECURITY[message.security])))
    return facts
