"""Events as notices for the user: a text, and the possible actions as data."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, NamedTuple

from messenger.crypto.emoji import EMOJI
from messenger.jim.errors import ProtocolError
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.sdk.events import (
    ApprovalChanged,
    BackupOutdated,
    DeviceAppeared,
    IdentityChanged,
    MembersAppeared,
    MessagesLost,
    MessagesMissing,
    RecoveryChanged,
    ServerAnnounced,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.key_errors import NotEncryptable, VerificationNeeded
from messenger.sdk.key_states import (
    Approval,
    ApprovalState,
    CancelReason,
    RecoveryState,
    Verification,
    VerificationState,
)
from messenger.sdk.results import ContactChanged, RoomChanged
from messenger.sdk.store import IdentityTrust, StoredMessage
from messenger.ui.wording import failure_text, person_line, preview, shown_name


class Do(Enum):
    """What a user can do about a notice: a terminal prints a command, a window shows a button."""

    VERIFY = auto()
    """Compare the safety number with somebody."""
    COMPARE_EMOJI = auto()
    """Compare emoji with somebody who has asked for it."""
    SAY_SAME = auto()
    """Say that somebody sees the same emoji."""
    SAY_DIFFERENT = auto()
    """Say that somebody sees other emoji."""
    APPROVE_DEVICE = auto()
    """Approve a new device by the code that it shows."""
    REMOVE_DEVICE = auto()
    """Remove a device that is not the user's, and change the password that it used."""
    REPLACE_KEYS = auto()
    """Remove such a device that has the account's secret, and replace the secret, too."""
    BE_APPROVED = auto()
    """Approve this device: type its code on another one."""
    RECOVER = auto()
    """Approve this device by the recovery code."""
    RECOVER_KEPT = auto()
    """Approve this device, which was removed by mistake, by the secret that it still stores."""
    SHOW_RECOVERY_CODE = auto()
    """Show the recovery code again."""
    JOIN = auto()
    """Join a room."""
    SEND_UNENCRYPTED = auto()
    """Allow unencrypted messages where a conversation cannot be encrypted."""
    SEND_AGAIN = auto()
    """Send the last failed message of a conversation again."""
    RESTORE = auto()
    """Restore a backup from its file, by another start of the program."""
    REGISTER = auto()
    """Register a guest's name as an account."""
    LOG_IN = auto()
    """Log in again; messages written until then are queued."""
    LOG_IN_WITH_PASSWORD = auto()
    """Log in again with the password: the saved login is deleted."""


class NoticeAction(NamedTuple):
    """Something that a user can do, and its object: a name, a room, a code."""

    do: Do
    to: str = ""


class Notice(NamedTuple):
    """A text for the user, with the possible actions.

    `time` (unix time) is the server's time of the event, None for now. `code` is shown on a line of
    its own, to be copied.
    """

    text: str
    actions: tuple[NoticeAction, ...] = ()
    time: float | None = None
    code: str = ""


def notice_of(event: object, me: str = "") -> Notice | None:
    """Return the notice for an event; None if the user need not know.

    `me` is the user's name: notices about the user's own devices have other texts.
    """
    tell = _NOTICES.get(type(event))
    return tell(event, me) if tell is not None else None


def failure_notice(message: StoredMessage, error: ProtocolError | None = None) -> Notice:
    """Return the notice that a message of the user was not sent; `error` is the reason, if any."""
    text = _(
        "Not sent to {name}: {reason} (“{text}”).",
        name=visible(message.conversation),
        reason=failure_text(message),
        text=preview(message.text),
    )
    again = NoticeAction(Do.SEND_AGAIN, message.conversation)
    return Notice(text, (*actions_for(error, message.conversation), again))


def actions_for(error: BaseException | None, conversation: str = "") -> tuple[NoticeAction, ...]:
    """Return what the user can do about an error in a conversation."""
    if isinstance(error, VerificationNeeded):
        return (NoticeAction(Do.VERIFY, error.account),)
    if isinstance(error, NotEncryptable):
        return (NoticeAction(Do.SEND_UNENCRYPTED, conversation),)
    return ()


# --- contacts and rooms ------------------------------------------------------------------------


def _contact_changed(event: ContactChanged, _me: str) -> Notice:
    return Notice(person_line(event.person), time=event.time)


_ROOM_CHANGES: dict[str, str] = {
    "joined": N_("{name} has joined {room}"),
    "left": N_("{name} has left {room}"),
    "removed": N_("{name} was removed from {room}"),
    "invited": N_("{name} invites you to {room}."),
    "topic": N_("{name} changed the topic of {room} to “{topic}”"),
    "untitled": N_("{name} cleared the topic of {room}"),
    "closed": N_("{room} is closed"),
    "encrypted": N_("{room} is now end-to-end encrypted only"),
    "history": N_("{name} changed whether new members of {room} can read older messages"),
    "creator": N_("{name} is now in charge of {room}"),
}


def _room_changed(event: RoomChanged, _me: str) -> Notice | None:
    if event.change == "encrypted" and not event.account_name:
        return None  # It is no change: the reply to `join` says so already.
    change = "untitled" if event.change == "topic" and not event.topic else event.change
    text = _(
        _ROOM_CHANGES[change],
        name=shown_name(event.account_name),
        room=shown_name(event.room),
        topic=visible(event.topic),
    )
    actions = (NoticeAction(Do.JOIN, event.room),) if change == "invited" else ()
    return Notice(text, actions, event.time)


def _members_appeared(event: MembersAppeared, _me: str) -> Notice:
    text = ngettext(
        "{room} has a new member who can read new messages: {names}",
        "{room} has new members who can read new messages: {names}",
        len(event.accounts),
        room=shown_name(event.room),
        names=", ".join(map(shown_name, event.accounts)),
    )
    return Notice(text)


def _messages_missing(event: MessagesMissing, _me: str) -> Notice:
    said = N_("The server is withholding messages in {name}: other members have seen newer ones.")
    return Notice(_(said, name=shown_name(event.conversation)))


def _messages_lost(event: MessagesLost, _me: str) -> Notice:
    said = N_(
        "The server was restored from a backup and lost the latest messages in {name}. Your "
        "copy is kept; messages you sent there are marked as not sent."
    )
    return Notice(_(said, name=shown_name(event.conversation)))


# --- devices and identities --------------------------------------------------------------------


def _device_appeared(event: DeviceAppeared, me: str) -> Notice:
    if event.account == me:
        return _own_device_appeared(event)
    said = N_("{name} added a new device (verified by an existing one).")
    if not event.approved:
        said = N_("{name} added a new device (not verified). It can read new messages.")
    if event.excluded:
        said = N_(
            "{name} added a new device (not verified). It cannot read new messages, and what "
            "it sends is hidden, until an existing one approves it."
        )
    return Notice(_(said, name=shown_name(event.account)))


def _own_device_appeared(event: DeviceAppeared) -> Notice:
    if event.approved:
        said = _("You have a new device, which an existing one has approved.")
        return Notice(said, (NoticeAction(Do.REPLACE_KEYS),))
    said = _("A new device has logged in as you.")
    return Notice(said, (NoticeAction(Do.APPROVE_DEVICE), NoticeAction(Do.REMOVE_DEVICE)))


def _identity_changed(event: IdentityChanged, _me: str) -> Notice:
    said = N_("{name}'s security keys have changed.")
    if event.was_verified:
        said = N_(
            "{name}'s security keys have changed since you verified them; sending is blocked."
        )
    return Notice(
        _(said, name=shown_name(event.account)), (NoticeAction(Do.VERIFY, event.account),)
    )


def _recovery_changed(event: RecoveryChanged, _me: str) -> Notice | None:
    state, code, keys = event.recovery
    if state is RecoveryState.CODE_UNCONFIRMED:
        said = N_(
            "Write down your recovery code: it restores everything if you lose all your devices."
        )
        return Notice(_(said), (NoticeAction(Do.SHOW_RECOVERY_CODE),), code=code)
    if state is RecoveryState.RESTORING and keys == 0:
        return Notice(_("Older messages are being fetched."))
    return None


def _approval_changed(event: ApprovalChanged, _me: str) -> Notice | None:
    if event.approval.state is ApprovalState.NEEDED:
        return _approval_needed(event.approval)
    # The first device of an account has never waited for it.
    if (event.before, event.approval.state) == (ApprovalState.NEEDED, ApprovalState.APPROVED):
        return Notice(_("This device is approved."))
    return None


def _approval_needed(approval: Approval) -> Notice:
    said = _(
        "This device is not approved: it cannot read encrypted messages yet, and what it sends "
        "is hidden from others."
    )
    actions = [NoticeAction(Do.BE_APPROVED, approval.code), NoticeAction(Do.RECOVER)]
    actions += [NoticeAction(Do.RECOVER_KEPT)] if approval.keeps_secret else []
    return Notice(said, tuple(actions))


def _backup_outdated(_event: BackupOutdated, _me: str) -> Notice:
    return Notice(
        _(
            "The server returned an older copy of your key backup than your devices know. A device "
            "that still has the missing part uploads it again."
        )
    )


def _server_announced(event: ServerAnnounced, _me: str) -> Notice:
    text = visible(event.text)
    if not event.server_name:
        return Notice(_("From the server's operator: {text}", text=text))
    return Notice(_("From {server}: {text}", server=visible(event.server_name), text=text))


def _trust_decided(event: TrustDecided, _me: str) -> Notice:
    said = N_("You have verified {name} on another device.")
    if event.trust is not IdentityTrust.VERIFIED:
        said = N_("You have accepted {name}, unverified, on another device.")
    return Notice(_(said, name=shown_name(event.account)))


# --- comparing ---------------------------------------------------------------------------------

_CANCELLED: dict[CancelReason, str] = {
    CancelReason.USER: N_("the other side cancelled it"),
    CancelReason.TIMEOUT: N_("it took too long"),
    CancelReason.MISMATCH: N_("the emoji differ"),
    CancelReason.OTHER_KEYS: N_("the other side has not proved its keys"),
    CancelReason.UNEXPECTED: N_("the other side sent an unexpected message"),
    CancelReason.UNKNOWN_METHOD: N_("the other side does not support emoji"),
    CancelReason.UNKNOWN: N_("the other side cancelled it"),
}


def _verification_changed(event: VerificationChanged, _me: str) -> Notice | None:
    verification = event.verification
    account, name = verification.account, shown_name(verification.account)
    if verification.state is VerificationState.REQUEST_RECEIVED:
        said = _("{name} wants to compare emoji.", name=name)
        return Notice(said, (NoticeAction(Do.COMPARE_EMOJI, account),))
    if verification.state is VerificationState.EMOJI_SHOWN:
        return _emoji_shown(verification, name)
    if verification.state is VerificationState.VERIFIED:
        return Notice(_("{name} is verified.", name=name))
    if verification.state is VerificationState.CANCELLED:
        return _cancelled(verification, name)
    return None  # Whoever has asked or agreed knows it already.


def _emoji_shown(verification: Verification, name: str) -> Notice:
    emoji = [EMOJI[place] for place in verification.emoji]
    # With their names, because fonts draw emoji differently.
    shown = "  ".join(f"{picture} {_(word)}" for picture, word in emoji)
    asked = _("Does {name} see the same?", name=name)
    actions = [NoticeAction(do, verification.account) for do in (Do.SAY_SAME, Do.SAY_DIFFERENT)]
    return Notice(f"{shown}\n{asked}", tuple(actions))


def _cancelled(verification: Verification, name: str) -> Notice | None:
    reason = verification.reason or CancelReason.UNKNOWN
    if verification.cancelled_here and reason in (CancelReason.USER, CancelReason.MISMATCH):
        return None  # The user has done it.
    if reason is CancelReason.ACCEPTED_ELSEWHERE:
        return Notice(_("You compare emoji with {name} on another device.", name=name))
    return Notice(_("{name} is not verified: {reason}", name=name, reason=_(_CANCELLED[reason])))


_NOTICES: dict[type, Callable[[Any, str], Notice | None]] = {
    ContactChanged: _contact_changed,
    RoomChanged: _room_changed,
    MembersAppeared: _members_appeared,
    MessagesMissing: _messages_missing,
    MessagesLost: _messages_lost,
    DeviceAppeared: _device_appeared,
    ApprovalChanged: _approval_changed,
    IdentityChanged: _identity_changed,
    RecoveryChanged: _recovery_changed,
    BackupOutdated: _backup_outdated,
    TrustDecided: _trust_decided,
    VerificationChanged: _verification_changed,
    ServerAnnounced: _server_announced,
}
