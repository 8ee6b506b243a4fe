"""The steps of a verification, as its dialog shows them: no toolkit."""

from enum import Enum, auto

from messenger.sdk.key_states import Verification, VerificationState


class Step(Enum):
    """What the dialog shows."""

    CHANGED = auto()
    """The verified identity has changed: verify again, or send anyway."""
    ACCEPTING = auto()
    """What it means to send anyway."""
    CHOOSING = auto()
    """The ways to verify somebody."""
    NUMBER = auto()
    """The safety number, to be compared."""
    CODE = auto()
    """The number as a QR code, and the other's to be read."""
    DIFFERENT = auto()
    """The numbers or emoji differ: what that means."""
    WAITING = auto()
    """The other has to accept."""
    ASKED = auto()
    """The other wants to compare emoji."""
    EXCHANGING = auto()
    """The devices exchange keys."""
    COMPARING = auto()
    """Seven emoji, to be compared."""
    CONFIRMED = auto()
    """The other has to agree, too."""
    VERIFIED = auto()
    FAILED = auto()


UNDER_WAY = frozenset({Step.WAITING, Step.EXCHANGING, Step.COMPARING, Step.CONFIRMED})
"""Whoever closes the dialog now cancels the verification: the other would wait for nothing."""

_STEPS: dict[VerificationState, Step] = {
    VerificationState.REQUEST_SENT: Step.WAITING,
    VerificationState.REQUEST_RECEIVED: Step.ASKED,
    VerificationState.READY: Step.EXCHANGING,
    VerificationState.EMOJI_SHOWN: Step.COMPARING,
    VerificationState.CONFIRMED: Step.CONFIRMED,
    VerificationState.VERIFIED: Step.VERIFIED,
    VerificationState.CANCELLED: Step.FAILED,
}
_RUNNING = frozenset(_STEPS) - {VerificationState.VERIFIED, VerificationState.CANCELLED}


def step_of(verification: Verification) -> Step:
    """Return the step for the state of a verification."""
    return _STEPS[verification.state]


def first_step(verification: Verification | None, *, has_changed: bool) -> Step:
    """Return where the dialog begins: in a verification that runs already, or at a choice."""
    if verification is not None and verification.state in _RUNNING:
        return step_of(verification)
    return Step.CHANGED if has_changed else Step.CHOOSING


def number_rows(number: str, columns: int = 4) -> list[list[str]]:
    """Return the groups of a safety number in rows: short ones are easier to compare aloud."""
    groups = number.split()
    return [groups[start : start + columns] for start in range(0, len(groups), columns)]
