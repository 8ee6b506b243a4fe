"""One verification by emoji (SAS): what it waits for, and how the user sees it."""

import time
from enum import Enum, auto

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.crypto.emoji import SasRun
from messenger.sdk.key_states import Verification, VerificationState

_STALE = 600.0  # Seconds, as Matrix has it for m.key.verification.request.


class State(Enum):
    """What a verification waits for."""

    REQUESTED = auto()  # we have asked: for `ready`
    ASKED = auto()  # the other has: for our user
    READY = auto()  # for `start`
    STARTED = auto()  # we have sent `start`: for `accept`
    ACCEPTED = auto()  # we have sent `accept`: for `key`
    COMMITTED = auto()  # the other is bound to a key: for that `key`
    SHOWN = auto()  # our user sees emoji: for `mac`
    PROVED = auto()  # the other has proved its keys: for our user


# As the user sees it; while emoji are shown, it also depends on whether he has agreed.
_SHOWN_AS = {
    State.REQUESTED: VerificationState.REQUEST_SENT,
    State.ASKED: VerificationState.REQUEST_RECEIVED,
    State.READY: VerificationState.READY,
    State.STARTED: VerificationState.READY,
    State.ACCEPTED: VerificationState.READY,
    State.COMMITTED: VerificationState.READY,
    State.SHOWN: VerificationState.EMOJI_SHOWN,
    State.PROVED: VerificationState.EMOJI_SHOWN,
}


class Run:
    """A verification with an account, from the request on.

    It is bound to its transaction id, and from the first answer on to the other's `device`; those
    that were `asked` are all of the account's.
    """

    def __init__(self, account: str, transaction: str, *, asked_by_us: bool) -> None:
        self.account = account
        self.transaction = transaction
        self.state = State.REQUESTED if asked_by_us else State.ASKED
        self.began = time.monotonic()
        self.asked: list[Device] = []
        self.device: Device | None = None
        self.sas_run: SasRun | None = None
        self.agreed = False
        self.proved: AccountIdentity | None = None
        self.told: Verification | None = None

    @property
    def is_stale(self) -> bool:
        """Whether it has taken too long."""
        return time.monotonic() - self.began >= _STALE

    @property
    def asks(self) -> bool:
        """Whether we have sent the request, and nobody has answered yet."""
        return self.state is State.REQUESTED and not self.is_stale

    @property
    def verification(self) -> Verification:
        """The verification as the user sees it."""
        state = VerificationState.CONFIRMED if self.agreed else _SHOWN_AS[self.state]
        is_shown = self.state in (State.SHOWN, State.PROVED)
        emoji = tuple(self.sas_run.indices) if is_shown and self.sas_run is not None else ()
        return Verification(self.account, state, emoji)
