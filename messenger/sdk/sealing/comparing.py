"""Comparing emoji with somebody who is online: who asks, who answers, and what comes of it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.crypto.emoji import METHOD, Comparison
from messenger.crypto.identity import Identity
from messenger.crypto.letters import Letter
from messenger.crypto.signed import Forged
from messenger.language import N_, _
from messenger.sdk.events import ComparisonAsked, ComparisonEnded, CoreEvent, EmojiShown
from messenger.sdk.ids import new_id
from messenger.sdk.sealing.channels import Channels, Content
from messenger.sdk.sealing.directory import Directory, Readers
from messenger.sdk.store import Trust
from messenger.sdk.store.keys import KeyStore

_logger = logging.getLogger("messenger.client")

PREFIX = "m.key.verification."
_STALE = 600.0

# Why a comparison ends without anybody being verified, by Matrix's codes.
_REASONS = {
    "m.mismatched_sas": N_("the emoji differ"),
    "m.key_mismatch": N_("the other side has not proved its keys"),
    "m.user": N_("the other side has ended it"),
    "m.timeout": N_("it took too long"),
    "m.unknown_method": N_("the other side compares in another way"),
}

OnDone = Callable[[Exception | None], None]


class _Run:
    """A comparison with an account, from the first question on."""

    def __init__(self, transaction: str, *, asked_by_us: bool) -> None:
        self.transaction = transaction
        self.asked_by_us = asked_by_us
        self.began = time.monotonic()
        self.device: Device | None = None
        self.comparison: Comparison | None = None
        self.agreed = False
        self.proof: dict[str, Any] | None = None


class Comparing:
    """One comparison with each account at a time; what is agreed on makes it verified."""

    def __init__(
        self,
        keys: KeyStore,
        identity: Identity,
        directory: Directory,
        channels: Channels,
        decide: Callable[[AccountIdentity, Trust], None],
        tell: Callable[[CoreEvent], None],
    ) -> None:
        self._keys = keys
        self._identity = identity
        self._directory = directory
        self._channels = channels
        self._decide = decide
        self._tell = tell
        self._runs: dict[str, _Run] = {}

    def ask(self, account: str, on_done: OnDone) -> None:
        """Ask somebody to compare, or say yes to who has asked; `on_done` gets how that went."""
        run = self._runs.get(account)
        if run is not None and not run.asked_by_us and run.device is not None:
            self._send(run, "ready", {"methods": [METHOD], "from_device": self._identity.ident})
            on_done(None)
            return
        run = self._runs[account] = _Run(new_id(), asked_by_us=True)

        def ask(readers: Readers | Exception) -> None:
            if isinstance(readers, Exception):
                on_done(readers)
                return
            content = {
                "transaction_id": run.transaction,
                "from_device": self._identity.ident,
                "methods": [METHOD],
                "timestamp": int(time.time() * 1000),
            }
            devices = [
                device
                for device in readers.devices.values()
                if device.account == account and device.key != self._identity.device.key
            ]
            letters = [Content(device, PREFIX + "request", content) for device in devices]
            self._channels.send(
                letters, lambda sent: on_done(sent if isinstance(sent, Exception) else None)
            )

        self._directory.of(account, ask)

    def agree(self, account: str) -> bool:
        """The user sees the same emoji as the other; False if there are none to compare."""
        run = self._runs.get(account)
        if run is None or run.comparison is None or not run.comparison.has_key:
            return False
        own = self._keys.identity_of(self._identity.account)
        run.agreed = True
        self._send(run, "mac", run.comparison.mac(own[0] if own else None))
        self._finish(account, run)
        return True

    def differ(self, account: str) -> bool:
        """The user sees others; False if there is nothing to end."""
        run = self._runs.pop(account, None)
        if run is None:
            return False
        self._cancel(run, "m.mismatched_sas")
        return True

    def take(self, letter: Letter) -> None:
        """Take what the other device says; raises Forged if it breaks the rules."""
        account, transaction = letter.sender.account, letter.content.get("transaction_id")
        what = letter.type.removeprefix(PREFIX)
        run = self._runs.get(account)
        if what == "request":
            self._asked(account, letter, run)
            return
        if run is None or transaction != run.transaction:
            return
        if run.device is not None and run.device.key != letter.sender.key:
            return
        try:
            self._go_on(account, run, what, letter)
        except Forged as error:
            self._fail(account, run, error)

    def _asked(self, account: str, letter: Letter, run: _Run | None) -> None:
        recent = run is not None and time.monotonic() - run.began < _STALE
        if recent and run is not None and run.asked_by_us and self._identity.account < account:
            return  # Both have asked: the first in the alphabet is the one who has.
        was_ours = recent and run is not None and run.asked_by_us
        run = self._runs[account] = _Run(
            str(letter.content.get("transaction_id")), asked_by_us=False
        )
        run.device = letter.sender
        if was_ours:
            self._send(run, "ready", {"methods": [METHOD], "from_device": self._identity.ident})
        else:
            self._tell(ComparisonAsked(account))

    def _go_on(self, account: str, run: _Run, what: str, letter: Letter) -> None:
        me = self._identity.device
        content = letter.content
        if what == "cancel":
            self._runs.pop(account, None)
            self._tell_end(account, str(content.get("code")), str(content.get("reason", "")))
        elif what == "ready" and run.asked_by_us and run.comparison is None:
            run.device = letter.sender
            run.comparison = Comparison(me, letter.sender, run.transaction, starts=True)
            self._send(run, "start", run.comparison.start())
        elif what == "start" and not run.asked_by_us and run.comparison is None:
            run.comparison = Comparison(me, letter.sender, run.transaction, starts=False)
            self._send(run, "accept", run.comparison.accept(content))
        elif run.comparison is None:
            raise Forged(f"{what} comes too early")
        elif what == "accept" and run.asked_by_us:
            run.comparison.accepted(content)
            self._send(run, "key", run.comparison.key())
        elif what == "key":
            run.comparison.take_key(content)
            if not run.asked_by_us:
                self._send(run, "key", run.comparison.key())
            self._tell(EmojiShown(account, tuple(run.comparison.indices)))
        elif what == "mac":
            run.proof = content
            self._finish(account, run)

    def _finish(self, account: str, run: _Run) -> None:
        """Verify the other, once both have agreed and he has proved his keys."""
        if not run.agreed or run.proof is None or run.comparison is None:
            return
        self._runs.pop(account, None)
        known = self._keys.identity_of(account)
        try:
            if known is None:
                raise Forged(_("{name} has used no program yet that encrypts", name=account))
            run.comparison.check_mac(run.proof, known[0])
        except Forged as error:
            self._fail(account, run, error)
            return
        self._decide(known[0], Trust.VERIFIED)
        self._send(run, "done", {})
        self._tell(ComparisonEnded(account, verified=True))

    def _fail(self, account: str, run: _Run, error: Forged) -> None:
        """What the other side has sent proves nothing: end it on both sides."""
        _logger.warning("Comparing with %s: %s", account, error)
        self._runs.pop(account, None)
        self._cancel(run, "m.key_mismatch")
        self._tell_end(account, "m.key_mismatch")

    def _cancel(self, run: _Run, code: str) -> None:
        self._send(run, "cancel", {"code": code, "reason": _REASONS[code]})

    def _tell_end(self, account: str, code: str, said: str = "") -> None:
        reason = _(_REASONS[code]) if code in _REASONS else said
        self._tell(ComparisonEnded(account, verified=False, reason=reason))

    def _send(self, run: _Run, what: str, content: dict[str, Any]) -> None:
        if run.device is not None:
            said = {**content, "transaction_id": run.transaction}
            self._channels.send([Content(run.device, PREFIX + what, said)], lambda _: None)
