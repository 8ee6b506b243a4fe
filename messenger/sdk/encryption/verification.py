"""Verification by emoji (SAS) with somebody who is online: each step once, in order."""

import logging
from collections.abc import Callable
from typing import Any

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.crypto.emoji import METHOD, SasRun
from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import (
    Cancel,
    VerificationOffer,
    VerificationStep,
    read_content,
)
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions, OnSent
from messenger.sdk.encryption.verification_run import Run, State
from messenger.sdk.events import VerificationChanged
from messenger.sdk.ids import new_id
from messenger.sdk.key_errors import VerificationRunning
from messenger.sdk.key_states import CancelReason, Verification, VerificationState
from messenger.sdk.link import OnDone
from messenger.sdk.store import IdentityTrust

_logger = logging.getLogger("messenger.client")

PREFIX = "m.key.verification."

# What the other side is told: it has words of its own for the code.
_REASONS = {
    CancelReason.USER: "The user cancelled it",
    CancelReason.TIMEOUT: "It took too long",
    CancelReason.MISMATCH: "The emoji differ",
    CancelReason.OTHER_KEYS: "The other side has not proved its keys",
    CancelReason.UNEXPECTED: "The other side sent an unexpected message",
    CancelReason.UNKNOWN_METHOD: "The other side does not support emoji",
    CancelReason.ACCEPTED_ELSEWHERE: "Another device has accepted it",
}


class _Unexpected(SignatureError):
    """A message that is not the next step."""


class Verifications:
    """Verifications, one with each account at a time; if both users agree, it is verified.

    It has more methods than other classes: one for each message of the protocol (Matrix's
    `m.sas.v1`), and one for each thing that the user can do.
    """

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
        self._context = context
        self._device_lists = device_lists
        self._olm_sessions = olm_sessions
        self._decide = decide
        self._runs: dict[str, Run] = {}
        self._told: dict[str, Verification] = {}
        self._steps: dict[tuple[State, str], Callable[[Run, DecryptedToDevice], None]] = {
            (State.REQUESTED, "ready"): self._on_ready,
            (State.READY, "start"): self._on_start,
            (State.STARTED, "start"): self._on_crossing_start,
            (State.STARTED, "accept"): self._on_accept,
            (State.ACCEPTED, "key"): self._on_key,
            (State.COMMITTED, "key"): self._on_key,
            (State.SHOWN, "mac"): self._on_mac,
        }

    def of(self, account: str) -> Verification | None:
        """Return the current verification with an account, or how the last one has ended."""
        return self._told.get(account)

    def tick(self) -> None:
        """End verifications that take too long. Call it periodically."""
        for run in [run for run in self._runs.values() if run.is_stale]:
            self._end(run, CancelReason.TIMEOUT)

    # --- the user's actions --------------------------------------------------------------------

    def ask(self, account: str, on_done: OnDone) -> None:
        """Request a verification, or accept a request; `on_done` gets None, or the error."""
        self.tick()
        run = self._runs.get(account)
        if run is None:
            self._request(account, on_done)
        elif run.state is State.ASKED:
            self._answer(run)
            on_done(None)
        else:
            on_done(VerificationRunning(account))

    def _request(self, account: str, on_done: OnDone) -> None:
        run = self._runs[account] = Run(account, new_id(), asked_by_us=True)

        def ask(device_list: DeviceList | Exception) -> None:
            if isinstance(device_list, Exception):
                sent(device_list)
                return
            # To all of them: which device the other person uses is not known.
            run.asked = [
                device
                for device in device_list.devices.values()
                if device.account == account and device.key != self._identity.device.key
            ]
            content = {
                "from_device": self._identity.device_id,
                "methods": [METHOD],
                "timestamp": int(self._clock() * 1000),
            }
            self._send_to(run.asked, run, "request", content, sent)

        def sent(reached: object) -> None:
            if isinstance(reached, Exception):
                if self._runs.get(account) is run:
                    del self._runs[account]
                on_done(reached)
                return
            self._tell_state(run)
            on_done(None)

        # The version of a list does not cover signatures: in a cached one a device that has been
        # approved since is excluded.
        self._device_lists.forget(account)
        self._device_lists.of(account, ask)

    def agree(self, account: str) -> bool:
        """Confirm that the emoji match; False if there are none to compare."""
        run = self._runs.get(account)
        if run is None or run.sas_run is None or run.is_stale:
            return False
        if run.state not in (State.SHOWN, State.PROVED):
            return False
        if not run.agreed:
            own = self._keys.identity_of(self._identity.account)
            # The MAC leaves after the user's yes only: it tells the other side that the emoji
            # match.
            run.agreed = True
            self._send(run, "mac", run.sas_run.mac(own[0] if own else None))
            self._finish(run)
            self._tell_state(run)
        return True

    def cancel(self, account: str, reason: CancelReason = CancelReason.USER) -> bool:
        """Cancel a verification, or refuse one; False if there is nothing to cancel."""
        run = self._runs.get(account)
        if run is not None:
            self._end(run, reason)
        return run is not None

    # --- the other's messages ------------------------------------------------------------------

    def take(self, message: DecryptedToDevice) -> None:
        """Handle a message of the other side; raises SignatureError if it is malformed.

        A wrong or unexpected step cancels the verification on both sides.
        """
        account, what = message.sender.account, message.type.removeprefix(PREFIX)
        transaction = read_content(message.content, VerificationStep).transaction_id
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
            self._on_cancel(run, message)
            return
        try:
            self._go_on(run, what, message)
        except SignatureError as error:
            # Whoever sent the wrong step is told: before the first answer no device is known.
            run.device = message.sender
            is_unexpected = isinstance(error, _Unexpected)
            self._end(run, CancelReason.UNEXPECTED if is_unexpected else CancelReason.OTHER_KEYS)
            _logger.warning("Verification with %s: %s", account, error)

    def _go_on(self, run: Run, what: str, message: DecryptedToDevice) -> None:
        step = self._steps.get((run.state, what))
        if run.is_stale:
            self._end(run, CancelReason.TIMEOUT)
            return
        if step is None:
            raise _Unexpected(f"{what} is unexpected ({run.state.name})")
        step(run, message)
        self._tell_state(run)

    def _asked(self, account: str, message: DecryptedToDevice) -> None:
        """Handle a request; if both sides sent one, that of the smaller id counts."""
        offer = _offer_in(message)
        ours = self._runs.get(account)
        crossing = ours is not None and ours.asks
        if crossing and _is_before(self._identity.device, message.sender):
            return
        run = self._runs[account] = Run(account, offer.transaction_id, asked_by_us=False)
        run.device = message.sender
        if METHOD not in offer.methods:
            self._end(run, CancelReason.UNKNOWN_METHOD)
        elif crossing:
            self._answer(run)
        else:
            self._tell_state(run)

    def _on_cancel(self, run: Run, message: DecryptedToDevice) -> None:
        code = read_content(message.content, Cancel).code
        if run.asks:
            # One device has declined for its user: the account's others need not ask any more.
            others = [device for device in run.asked if device.key != message.sender.key]
            self._send_cancel(others, run, CancelReason.USER)
        self._tell_end(run, CancelReason(code) if code in _REASONS else CancelReason.UNKNOWN)

    def _answer(self, run: Run) -> None:
        self._send(run, "ready", {"methods": [METHOD], "from_device": self._identity.device_id})
        run.state = State.READY
        self._tell_state(run)

    def _on_ready(self, run: Run, message: DecryptedToDevice) -> None:
        if METHOD not in _offer_in(message).methods:
            raise SignatureError("The other side does not support emoji")
        run.device = message.sender
        # The account's other devices need not ask their user any more.
        others = [device for device in run.asked if device.key != message.sender.key]
        self._send_cancel(others, run, CancelReason.ACCEPTED_ELSEWHERE)
        run.sas_run = self._sas_run(run, message, starts=True)
        self._send(run, "start", run.sas_run.start())
        run.state = State.STARTED

    def _on_start(self, run: Run, message: DecryptedToDevice) -> None:
        run.sas_run = self._sas_run(run, message, starts=False)
        self._send(run, "accept", run.sas_run.accept(message.content))
        run.state = State.ACCEPTED

    def _on_crossing_start(self, run: Run, message: DecryptedToDevice) -> None:
        """Handle crossing starts: that of the smaller id counts."""
        if not _is_before(self._identity.device, message.sender):
            self._on_start(run, message)

    def _on_accept(self, run: Run, message: DecryptedToDevice) -> None:
        sas_run = _of(run)
        # Our key leaves after the commitment: the other cannot choose a key that fits ours.
        sas_run.accepted(message.content)
        self._send(run, "key", sas_run.key())
        run.state = State.COMMITTED

    def _on_key(self, run: Run, message: DecryptedToDevice) -> None:
        sas_run = _of(run)
        sas_run.take_key(message.content)
        if run.state is State.ACCEPTED:
            self._send(run, "key", sas_run.key())
        run.state = State.SHOWN

    def _on_mac(self, run: Run, message: DecryptedToDevice) -> None:
        known = self._keys.identity_of(run.account)
        if known is None:
            raise SignatureError(f"{run.account} has no identity")
        _of(run).check_mac(message.content, known[0])
        # This one is verified in the end, even if the list has another identity by then.
        run.proved = known[0]
        run.state = State.PROVED
        self._finish(run)

    def _sas_run(self, run: Run, message: DecryptedToDevice, *, starts: bool) -> SasRun:
        return SasRun(self._identity.device, message.sender, run.transaction, starts=starts)

    def _finish(self, run: Run) -> None:
        """Verify the other, once the user has agreed and the other has proved its keys."""
        if not run.agreed or run.proved is None:
            return
        self._runs.pop(run.account, None)
        self._decide(run.proved, IdentityTrust.VERIFIED)
        self._send(run, "done", {})
        self._tell(Verification(run.account, VerificationState.VERIFIED))

    def _end(self, run: Run, reason: CancelReason) -> None:
        """Cancel a verification on both sides: nobody is verified."""
        self._send_cancel([run.device] if run.device is not None else run.asked, run, reason)
        self._tell_end(run, reason, here=True)

    def _tell_end(self, run: Run, reason: CancelReason, *, here: bool = False) -> None:
        self._runs.pop(run.account, None)
        self._tell(Verification(run.account, VerificationState.CANCELLED, (), reason, here))

    def _tell_state(self, run: Run) -> None:
        """Tell the user how far it is, unless it has ended meanwhile."""
        verification = run.verification
        if self._runs.get(run.account) is run and verification != run.told:
            run.told = verification
            self._tell(verification)

    def _tell(self, verification: Verification) -> None:
        self._told[verification.account] = verification
        self._context.tell(VerificationChanged(verification))

    def _send(self, run: Run, what: str, content: dict[str, Any]) -> None:
        if run.device is not None:
            self._send_to([run.device], run, what, content)

    def _send_cancel(self, devices: list[Device], run: Run, reason: CancelReason) -> None:
        self._send_to(devices, run, "cancel", {"code": reason.value, "reason": _REASONS[reason]})

    def _send_to(
        self,
        devices: list[Device],
        run: Run,
        what: str,
        content: dict[str, Any],
        on_sent: OnSent = lambda _: None,
    ) -> None:
        whole = {**content, "transaction_id": run.transaction}
        self._olm_sessions.send(
            [Content(device, PREFIX + what, whole) for device in devices], on_sent
        )


def _of(run: Run) -> SasRun:
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
