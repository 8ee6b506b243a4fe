"""States of a device's approval, of recovery and of verifications: plain data."""

from enum import StrEnum
from typing import NamedTuple


class ApprovalState(StrEnum):
    """Whether this device has the account's secret."""

    UNKNOWN = "unknown"
    """The server has not said yet whether the account has an identity."""
    NO_KEYS = "no_keys"
    """Guests have no keys."""
    NO_IDENTITY = "no_identity"
    """Nobody has made the account's identity, and a store in memory makes none."""
    NEEDED = "needed"
    """Another device approves this one by its code, or the user by the recovery code."""
    APPROVED = "approved"
    REMOVED = "removed"
    """Another device of the account has removed this one: the next login is a new device."""


class Approval(NamedTuple):
    """The approval of this device; `code` is what the user types on another one, if it is needed.

    A device that was removed and still has the account's secret (`keeps_secret`) may approve itself
    if the user agrees: `keys.recover_kept`.
    """

    state: ApprovalState
    code: str = ""
    keeps_secret: bool = False


class RecoveryState(StrEnum):
    """What the recovery code can do, and whether older messages are being restored."""

    NONE = "none"
    """This device does not know the recovery code: it is not approved."""
    CODE_UNCONFIRMED = "code_unconfirmed"
    """This device has made the code; the user has not confirmed that he has noted it."""
    READY = "ready"
    """The code restores everything if all devices are lost."""
    RESTORING = "restoring"
    """The keys of older messages are being fetched."""
    RESTORED = "restored"
    """They have been fetched, since the program started."""


class Recovery(NamedTuple):
    """Recovery by the code; `keys` were restored so far."""

    state: RecoveryState
    code: str = ""
    keys: int = 0


class VerificationState(StrEnum):
    """How far a verification by comparing emoji (SAS) is."""

    REQUEST_SENT = "request_sent"
    """This user has asked: the other has to accept."""
    REQUEST_RECEIVED = "request_received"
    """The other has asked: `keys.request_verification` accepts."""
    READY = "ready"
    """Both want it: their devices exchange keys."""
    EMOJI_SHOWN = "emoji_shown"
    """Both users see emoji: `keys.agree`, or `keys.differ`."""
    CONFIRMED = "confirmed"
    """This user has agreed: the other has to."""
    VERIFIED = "verified"
    """Both have agreed: the other's identity is verified."""
    CANCELLED = "cancelled"
    """It has ended without that, for a `CancelReason`."""


class CancelReason(StrEnum):
    """Why a verification has ended without success, by Matrix's codes."""

    USER = "m.user"
    TIMEOUT = "m.timeout"
    MISMATCH = "m.mismatched_sas"
    """The emoji differ."""
    OTHER_KEYS = "m.key_mismatch"
    """A side has not proved that it has the keys of its account."""
    UNEXPECTED = "m.unexpected_message"
    UNKNOWN_METHOD = "m.unknown_method"
    """The other side cannot compare emoji."""
    ACCEPTED_ELSEWHERE = "m.accepted"
    """Another device of this account has accepted the request."""
    UNKNOWN = "unknown"
    """The other side has given a code that this program does not know."""


class Verification(NamedTuple):
    """A verification with an account.

    `emoji` are seven indexes into Matrix's table of 64 (SAS method `emoji`), once they are shown.
    A cancelled one has a `reason`, and is `cancelled_here` or by the other side.
    """

    account: str
    state: VerificationState
    emoji: tuple[int, ...] = ()
    reason: CancelReason | None = None
    cancelled_here: bool = False
