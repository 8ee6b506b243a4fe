"""What a screen reader says of a row: the sender, the time, the text, and the state."""

from collections.abc import Mapping

from messenger.language import _
from messenger.output import visible
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, StoredMessage
from messenger.ui.long_texts import beginning
from messenger.ui.message_rows import Row
from messenger.ui.wording import (
    clock_time,
    failure_text,
    message_state_word,
    message_text,
    shown_name,
    trust_name,
)


def spoken(row: Row, me: str, trusts: Mapping[str, IdentityTrust], *, is_encrypted: bool) -> str:
    """Return a row in words."""
    before = [row.day] if row.day else []
    before += [_("New messages")] if row.is_unread_start else []
    message = row.message
    if message is None:
        return ". ".join([*before, row.note])
    who = _("You") if message.sender == me else _sender(message, trusts)
    head = f"{who}, {clock_time(message.shown_time)}"
    said = f"{head}: {visible(beginning(message_text(message)), lines=True)}"
    after = [name for name in (state_name(message),) if name]
    if is_unencrypted(message, is_encrypted=is_encrypted):
        after.append(_("not encrypted"))
    return ". ".join([*before, ", ".join([said, *after])])


def state_name(message: StoredMessage) -> str:
    """Return the state of the user's own message without its symbol; empty for another's."""
    name = message_state_word(message.state)
    if message.state is MessageState.FAILED and (reason := failure_text(message)):
        return f"{name}: {reason}"
    return name


def is_unencrypted(message: StoredMessage, *, is_encrypted: bool) -> bool:
    """Tell whether a message is marked as unencrypted; `is_encrypted`: others here are."""
    is_plain = message.security is MessageSecurity.UNENCRYPTED
    # One that waits in the queue is encrypted when it is sent.
    is_sent = message.state not in (MessageState.UNSENT, MessageState.FAILED)
    return is_encrypted and is_plain and is_sent


def _sender(message: StoredMessage, trusts: Mapping[str, IdentityTrust]) -> str:
    name = shown_name(message.sender)
    if message.guest:
        return f"{name} {_('(guest)')}"
    trust = trusts.get(message.sender, IdentityTrust.UNKNOWN)
    is_told = trust is IdentityTrust.CHANGED or (
        trust is IdentityTrust.VERIFIED and message.is_proved
    )
    return f"{name} ({trust_name(trust)})" if is_told else name
