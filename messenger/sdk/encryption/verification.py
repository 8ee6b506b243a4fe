"""Verification by emoji (SAS) with somebody who is online: each step once, in order."""

import logging
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.crypto.emoji import METHOD, SasRun
from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import Cancel, Verification, VerificationOffer, read_content
from messenger.language import N_, _
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.events import EmojiShown, VerificationEnded, VerificationRequested
from messenger.sdk.ids import new_id
from messenger.sdk.link import OnDone
from messenger.sdk.store import IdentityTrust

_logger = logging.getLogger("messenger.client")

PREFIX = "m.key.verification."
_STALE = 600.0  # Seconds, as Matrix has it for m.key.verification.request.

# Why a verification is cancelled, by Matrix's codes.
_REASONS = {
    "m.mismatched_sas": N_("the emoji differ"),
    "m.key_mismatch": N_("the other side has not proved its keys"),
    "m.unexpected_message": N_("the other side sent an unexpected message"),
    "m.user": N_("the other side cancelled it"),
    "m.timeout": N_("it took too long"),
    "m.unknown_method": N_("the other side does not support emoji"),
}


class _State(Enum):
    """What a verification waits for."""

    REQUESTED = auto()  # we have asked: for `ready`
    ASKED = auto()  # the other has: for our user
    READY = auto()  # for `start`
    STARTED = auto()  # we have sent `start`: for `accept`
    ACCEPTED = auto()  # we have sent `accept`: for `key`
    COMMITTED = auto()  # the other is bound to a key: for that `key`
    SHOWN = auto()  # our user sees emoji: for `mac`
    PROVED = auto()  # the other has proved its keys: for our user


class _Unexpected(SignatureError):
    """A message that is not the next step."""


class _Run:
    """A verification with an account, from the request on.

    It is bound to its transaction id, and from the first answer on to the other's `device`.
    """

    def __init__(self, transaction: str, *, asked_by_us: bool) -> None:
        self.transaction = transaction
        self.state = _State.REQUESTED if asked_by_us else _State.ASKED
        self.began = time.monotonic()
        self.device: Device | None = None
        self.sas_run: SasRun | None = None
        self.agreed = False
        self.proved: AccountIdentity | None = None

    @property
    def is_stale(self) -> bool:
        """Whether it has taken too long."""
        return time.monotonic() - self.began >= _STALE

    @property
    def asks(self) -> bool:
        """Whether we have sent the request, and nobody has answered yet."""
        return self.state is _State.REQUESTED and not self.is_stale


class Verifications:
    """Verifications, one with each account at a time; if both users agree, it is verified."""

    def __init__(
        self,
        context: DeviceContext,
        device_lists: DeviceLists,
        olm_sessions: OlmSessions,
        decide: Callable[[AccountIdentity, IdentityTrust], None],
    ) -> None:
        self._keys = context.keys
        self._identity = context.identity
        self._clock = context.clock
        self._tell = context.tell
        self._device_lists = device_lists
        self._olm_sessions = olm_sessions
        self._decide = decide
        self._runs: dict[str, _Run] = {}
        self._steps: dict[tuple[_State, str], Callable[[_Run, DecryptedToDevice], None]] = {
            (_State.REQUESTED, "ready"): self._on_ready,
            (_State.READY, "start"): self._on_start,
            (_State.STARTED, "start"): self._on_crossing_start,
            (_State.STARTED, "accept"): self._on_accept,
            (_State.ACCEPTED, "key"): self._on_key,
            (_State.COMMITTED, "key"): self._on_key,
            (_State.SHOWN, "mac"): self._on_mac,
        }

    # --- the user's actions --------------------------------------------------------------------

    def ask(self, account: str, on_done: OnDone) -> None:
        """Request a verification, or accept a request; `on_done` gets None, or the error."""
        run = self._runs.get(account)
        if run is not None and run.state is _State.ASKED and not run.is_stale:
            self._answer(run)
            on_done(None)
            return
        run = self._runs[account] = _Run(new_id(), asked_by_us=True)

        def ask(device_list: DeviceList | Exception) -> None:
            if isinstance(device_list, Exception):
                on_done(device_list)
                return
            content = {
                "transaction_id": run.transaction,
                "from_device": self._identity.device_id,
                "methods": [METHOD],
                "timestamp": int(self._clock() * 1000),
            }
            # To all of them: which device the other person uses is not known.
            devices = [
                device
                for device in device_list.devices.values()
                if device.account == account and device.key != self._identity.device.key
            ]
            messages = [Content(device, PREFIX + "request", content) for device in devices]
            self._olm_sessions.send(
                messages, lambda sent: on_done(sent if isinstance(sent, Exception) else None)
            )

        self._device_lists.of(account, ask)

    def agree(self, account: str) -> bool:
        """Confirm that the emoji match; False if there are none to compare."""
        run = self._runs.get(account)
        if run is None or run.sas_run is None or run.is_stale:
            return False
        if run.state not in (_State.SHOWN, _State.PROVED):
            return False
        if not run.agreed:
            own = self._keys.identity_of(self._identity.account)
            # The MAC leaves after the user's yes only: it tells the other side that the emoji
            # match.
            run.agreed = True
            self._send(run, "mac", run.sas_run.mac(own[0] if own else None))
            self._finish(account, run)
        return True

    def differ(self, account: str) -> bool:
        """Cancel, as the emoji differ; False if there is nothing to cancel."""
        run = self._runs.pop(account, None)
        if run is None:
            return False
        self._cancel(run, "m.mismatched_sas")
        return True

    # --- the other's messages ------------------------------------------------------------------

    def take(self, message: DecryptedToDevice) -> None:
        """Handle a message of the other side; raises SignatureError if it is malformed.

        A wrong or unexpected step cancels the verification on both sides.
        """
        account, what = message.sender.account, message.type.removeprefix(PREFIX)
        transaction = read_content(message.content, Verification).transaction_id
        if what == "request":
            self._asked(account, message)
            return
        run = self._runs.get(account)
        if run is None or transaction != run.transaction:
            return
        # Bound to the device that answered: no other of the account may take over a step.
        if run.device is not None and run.device.key != message.sender.key:
            return
        if what == "cancel":
            cancelled = read_content(message.content, Cancel)
            self._runs.pop(account)
            self._tell_end(account, cancelled.code, cancelled.reason)
            return
        try:
            self._go_on(run, what, message)
        except SignatureError as error:
            # Whoever sent the wrong step is told: before the first answer no device is known.
            run.device = message.sender
            is_unexpected = isinstance(error, _Unexpected)
            self._end(account, run, "m.unexpected_message" if is_unexpected else "m.key_mismatch")
            _logger.warning("Verification with %s: %s", account, error)

    def _go_on(self, run: _Run, what: str, message: DecryptedToDevice) -> None:
        step = self._steps.get((run.state, what))
        if step is None or run.is_stale:
            raise _Unexpected(f"{what} is unexpected ({run.state.name})")
        step(run, message)

    def _asked(self, account: str, message: DecryptedToDevice) -> None:
        """Handle a request; if both sides sent one, that of the smaller id counts."""
        offer = _offer_in(message)
        ours = self._runs.get(account)
        crossing = ours is not None and ours.asks
        if crossing and _is_before(self._identity.device, message.sender):
            return
        run = self._runs[account] = _Run(offer.transaction_id, asked_by_us=False)
        run.device = message.sender
        if METHOD not in offer.methods:
            self._end(account, run, "m.unknown_method")
        elif crossing:
            self._answer(run)
        else:
            self._tell(VerificationRequested(account))

    def _answer(self, run: _Run) -> None:
        self._send(run, "ready", {"methods": [METHOD], "from_device": self._identity.device_id})
        run.state = _State.READY

    def _on_ready(self, run: _Run, message: DecryptedToDevice) -> None:
        if METHOD not in _offer_in(message).methods:
            raise SignatureError("The other side does not support emoji")
        run.device = message.sender
        run.sas_run = self._sas_run(run, message, starts=True)
        self._send(run, "start", run.sas_run.start())
        run.state = _State.STARTED

    def _on_start(self, run: _Run, message: DecryptedToDevice) -> None:
        run.sas_run = self._sas_run(run, message, starts=False)
        self._send(run, "accept", run.sas_run.accept(message.content))
        run.state = _State.ACCEPTED

    def _on_crossing_start(self, run: _Run, message: DecryptedToDevice) -> None:
        """Handle crossing starts: that of the smaller id counts."""
        if not _is_before(self._identity.device, message.sender):
            self._on_start(run, message)

    def _on_accept(self, run: _Run, message: DecryptedToDevice) -> None:
        sas_run = _of(run)
        # Our key leaves after the commitment: the other cannot choose a key that fits ours.
        sas_run.accepted(message.content)
        self._send(run, "key", sas_run.key())
        run.state = _State.COMMITTED

    def _on_key(self, run: _Run, message: DecryptedToDevice) -> None:
        sas_run = _of(run)
        sas_run.take_key(message.content)
        if run.state is _State.ACCEPTED:
            self._send(run, "key", sas_run.key())
        run.state = _State.SHOWN
        self._tell(EmojiShown(message.sender.account, tuple(sas_run.indices)))

    def _on_mac(self, run: _Run, message: DecryptedToDevice) -> None:
        account = message.sender.account
        known = self._keys.identity_of(account)
        if known is None:
            raise SignatureError(_("{name} has no encryption-capable device yet", name=account))
        _of(run).check_mac(message.content, known[0])
        # This one is verified in the end, even if the list has another identity by then.
        run.proved = known[0]
        run.state = _State.PROVED
        self._finish(account, run)

    def _sas_run(self, run: _Run, message: DecryptedToDevice, *, starts: bool) -> SasRun:
        return SasRun(self._identity.device, message.sender, run.transaction, starts=starts)

    def _finish(self, account: str, run: _Run) -> None:
        """Verify the other, once the user has agreed and the other has proved its keys."""
        if not run.agreed or run.proved is None:
            return
        self._runs.pop(account, None)
        self._decide(run.proved, IdentityTrust.VERIFIED)
        self._send(run, "done", {})
        self._tell(VerificationEnded(account, verified=True))

    def _end(self, account: str, run: _Run, code: str) -> None:
        """Cancel a verification on both sides: nobody is verified."""
        self._runs.pop(account, None)
        self._cancel(run, code)
        self._tell_end(account, code)

    def _cancel(self, run: _Run, code: str) -> None:
        # The text is English: the other side translates the reason by its code.
        self._send(run, "cancel", {"code": code, "reason": _REASONS[code]})

    def _tell_end(self, account: str, code: str, given: str = "") -> None:
        reason = _(_REASONS[code]) if code in _REASONS else given
        self._tell(VerificationEnded(account, verified=False, reason=reason))

    def _send(self, run: _Run, what: str, content: dict[str, Any]) -> None:
        if run.device is not None:
            whole = {**content, "transaction_id": run.transaction}
            self._olm_sessions.send([Content(run.device, PREFIX + what, whole)], lambda _: None)


def _of(run: _Run) -> SasRun:
    """Return the SAS of a verification that has started."""
    assert run.sas_run is not None
    return run.sas_run


def _is_before(one: Device, other: Device) -> bool:
    """Whether a device's id comes before another's, as Matrix orders them."""
    return (user_id(one.account), one.device_id) < (user_id(other.account), other.device_id)


def _offer_in(message: DecryptedToDevice) -> VerificationOffer:
    """Return a device's offer; raises SignatureError if it names another device."""
    offer = read_content(message.content, VerificationOffer)
    if offer.from_device != message.sender.device_id:
        raise SignatureError("The sender's device is not the one that its request names")
    return offer
