"""SAS verification as a state machine: each step once, in its order, or nobody is verified."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.emoji import METHOD, SasRun
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice
from messenger.sdk.encryption import verification_run
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.encryption.verification import PREFIX, Verifications
from messenger.sdk.events import VerificationChanged
from messenger.sdk.key_states import CancelReason, Verification, VerificationState
from messenger.sdk.store import IdentityTrust, Store
from tests.sdk.reader import context_of

STEPS = {True: ["ready", "accept", "key", "mac"], False: ["start", "key", "mac"]}
"""What the other says where this side has asked, and where it was asked."""


_STORE = Store()


class _Side:
    """One side, without a network: it records what it sends, reports and trusts."""

    def __init__(self, me: Identity, other: Identity, identity: AccountIdentity) -> None:
        self.sent: list[Content] = []
        self.told: list[Any] = []
        self.trusted: list[tuple[AccountIdentity, IdentityTrust]] = []
        context = context_of(me, _STORE, tell=self.told.append)
        context.keys.trust(identity, IdentityTrust.UNVERIFIED)
        readers = DeviceList("", {other.device.key[:2]: other.device}, frozenset(), {})
        self.verifications = Verifications(
            context,
            _Lists(readers),  # type: ignore[arg-type]
            _Sent(self.sent),  # type: ignore[arg-type]
            lambda found, trust: self.trusted.append((found, trust)),
        )

    def of(self, *states: VerificationState) -> list[Verification]:
        """Return the verifications that were told in one of these states."""
        told = [event.verification for event in self.told if isinstance(event, VerificationChanged)]
        return [verification for verification in told if verification.state in states]

    def shown(self) -> list[Verification]:
        return self.of(VerificationState.EMOJI_SHOWN)

    def ended(self) -> list[Verification]:
        return self.of(VerificationState.VERIFIED, VerificationState.CANCELLED)

    def last(self) -> Content:
        return self.sent[-1]


class _Lists:
    def __init__(self, readers: DeviceList) -> None:
        self._readers = readers

    def forget(self, _account: str) -> None:
        pass

    def of(self, _account: str, on_device_list: Any) -> None:
        on_device_list(self._readers)


class _Sent:
    def __init__(self, sent: list[Content]) -> None:
        self._sent = sent

    def send(self, contents: list[Content], on_sent: Any) -> None:
        self._sent.extend(contents)
        on_sent(set())


ANN, BOB = Identity("Иван", "A"), Identity("b/%41", "B")
BOB_IDENTITY = Secret("b/%41").identity
STRANGER = Identity("b/%41", "OTHER")


class Steps(RuleBasedStateMachine):
    """Bob's device sends its steps in any order; ann's side accepts one order only."""

    @initialize(asked_by_us=st.booleans())
    def begin(self, *, asked_by_us: bool) -> None:
        self.ann = _Side(ANN, BOB, BOB_IDENTITY)
        self.expected = list(STEPS[asked_by_us])
        self.asked_by_us = asked_by_us
        self.agreed = self.is_over = False
        if asked_by_us:
            self.ann.verifications.ask(BOB.account, lambda _: None)
            self.transaction = self.ann.last().content["transaction_id"]
        else:
            self.transaction = "t"
            self._say("request", from_device="B", methods=[METHOD])
            assert self.ann.of(VerificationState.REQUEST_RECEIVED)
            self.ann.verifications.ask(BOB.account, lambda _: None)
            assert self.ann.last().type == PREFIX + "ready"
        self.bob = SasRun(BOB.device, ANN.device, self.transaction, starts=not asked_by_us)
        self.start = self.bob.start() if not asked_by_us else {}

    @precondition(lambda self: not self.is_over)
    @rule(what=st.sampled_from(["ready", "start", "accept", "key", "mac", "done", "unknown"]))
    def bob_says(self, what: str) -> None:
        before = len(self.ann.sent)
        is_next = bool(self.expected) and what == self.expected[0]
        content = self._content(what) if is_next else {"commitment": "x", "key": "y"}
        self._say(what, **content)
        if is_next:
            self.expected.pop(0)
            self._take_answers(before)
            self.is_over = not self.expected and self.agreed
        elif what == "start" and self.expected[:1] == ["accept"]:
            # Both have started: the content is wrong, or it does not count.
            self.is_over = bool(self.ann.ended())
        else:
            self.is_over = True
            assert self.ann.last().content["code"] == "m.unexpected_message"
            assert self.ann.ended()[-1].reason is CancelReason.UNEXPECTED

    @precondition(lambda self: not self.is_over)
    @rule()
    def the_user_agrees(self) -> None:
        can = self.expected in (["mac"], [])
        assert self.ann.verifications.agree(BOB.account) is can
        self.agreed = self.agreed or can
        self.is_over = not self.expected and self.agreed

    @precondition(lambda self: not self.is_over)
    @rule(sender=st.sampled_from([BOB, STRANGER]), what=st.sampled_from(["start", "mac", "cancel"]))
    def another_device_or_another_run_says(self, sender: Identity, what: str) -> None:
        """It has no effect once a device is bound to the run."""
        transaction = "another" if sender is BOB else self.transaction
        if sender is STRANGER and self.expected == STEPS[True]:
            return
        content = {"transaction_id": transaction, "code": "m.user"}
        self.ann.verifications.take(DecryptedToDevice(PREFIX + what, content, sender.device))
        assert not self.ann.ended()

    @precondition(lambda self: self.is_over)
    @rule(what=st.sampled_from(["ready", "start", "accept", "key", "mac", "done", "cancel"]))
    def something_comes_after_the_end(self, what: str) -> None:
        before = len(self.ann.sent), len(self.ann.told)
        self.ann.verifications.take(
            DecryptedToDevice(PREFIX + what, {"transaction_id": self.transaction}, BOB.device)
        )
        assert (len(self.ann.sent), len(self.ann.told)) == before
        assert not self.ann.verifications.agree(BOB.account)

    def teardown(self) -> None:
        if not hasattr(self, "ann"):
            return
        complete = not self.expected and self.agreed
        assert self.ann.trusted == ([(BOB_IDENTITY, IdentityTrust.VERIFIED)] if complete else [])
        assert len(self.ann.shown()) <= 1
        keys = [one for one in self.ann.sent if one.type == PREFIX + "key"]
        assert len(keys) <= 1
        if self.ann.shown():
            assert list(self.ann.shown()[0].emoji) == self.bob.indices

    def _say(self, what: str, **content: Any) -> None:
        said = {"transaction_id": self.transaction, **content}
        self.ann.verifications.take(DecryptedToDevice(PREFIX + what, said, BOB.device))

    def _content(self, what: str) -> dict[str, Any]:
        if what == "ready":
            return {"from_device": "B", "methods": [METHOD]}
        if what == "start":
            return self.start
        if what == "accept":
            return self.bob.accept(self.start)
        if what == "key":
            return self.bob.key()
        return self.bob.mac(BOB_IDENTITY)

    def _take_answers(self, before: int) -> None:
        for one in self.ann.sent[before:]:
            what = one.type.removeprefix(PREFIX)
            if what == "start":
                self.start = one.content
            elif what == "accept":
                self.bob.accepted(one.content)
            elif what == "key":
                self.bob.take_key(one.content)


Steps.TestCase.settings = settings(max_examples=100, stateful_step_count=12, deadline=None)
TestSteps: Any = Steps.TestCase


def test_a_commitment_cannot_be_replaced_once_our_key_is_out() -> None:
    """Otherwise the other side could choose its key afterwards, until the emoji are the same."""
    ann = _Side(ANN, BOB, BOB_IDENTITY)
    ann.verifications.ask(BOB.account, lambda _: None)
    run = {"transaction_id": ann.last().content["transaction_id"]}
    ready = {**run, "from_device": "B", "methods": [METHOD]}
    ann.verifications.take(DecryptedToDevice(PREFIX + "ready", ready, BOB.device))
    start = ann.last().content
    first, second = (
        SasRun(BOB.device, ANN.device, run["transaction_id"], starts=False) for _ in range(2)
    )
    ann.verifications.take(DecryptedToDevice(PREFIX + "accept", first.accept(start), BOB.device))
    assert ann.last().type == PREFIX + "key"

    ann.verifications.take(DecryptedToDevice(PREFIX + "accept", second.accept(start), BOB.device))
    ann.verifications.take(DecryptedToDevice(PREFIX + "key", second.key() | run, BOB.device))

    assert ann.last().content["code"] == "m.unexpected_message"
    assert ann.shown() == []


@pytest.mark.parametrize("what", ["request", "ready", "start"])
def test_a_step_that_names_another_device_than_it_comes_from_is_refused(what: str) -> None:
    ann = _Side(ANN, BOB, BOB_IDENTITY)
    offer = {"transaction_id": "t", "from_device": "OTHER", "methods": [METHOD]}
    if what == "request":
        with pytest.raises(SignatureError, match="not the one that its request names"):
            ann.verifications.take(DecryptedToDevice(PREFIX + what, offer, BOB.device))
        return
    if what == "ready":
        ann.verifications.ask(BOB.account, lambda _: None)
        offer["transaction_id"] = ann.last().content["transaction_id"]
        ann.verifications.take(DecryptedToDevice(PREFIX + what, offer, BOB.device))
    else:
        asked = {**offer, "from_device": "B"}
        ann.verifications.take(DecryptedToDevice(PREFIX + "request", asked, BOB.device))
        ann.verifications.ask(BOB.account, lambda _: None)
        started = SasRun(BOB.device, ANN.device, "t", starts=True).start()
        wrong = {**started, "from_device": "OTHER"}
        ann.verifications.take(DecryptedToDevice(PREFIX + what, wrong, BOB.device))

    assert [one.state for one in ann.ended()] == [VerificationState.CANCELLED]


@pytest.mark.parametrize("asked_by_us", [True, False])
def test_a_verification_ends_after_ten_minutes(
    monkeypatch: pytest.MonkeyPatch, *, asked_by_us: bool
) -> None:
    now = 0.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr(verification_run, "time", clock)
    ann = _Side(ANN, BOB, BOB_IDENTITY)
    if asked_by_us:
        ann.verifications.ask(BOB.account, lambda _: None)
    else:
        asked = {"transaction_id": "t", "from_device": "B", "methods": [METHOD]}
        ann.verifications.take(DecryptedToDevice(PREFIX + "request", asked, BOB.device))
    now = 599.0
    ann.verifications.tick()
    assert ann.ended() == []

    now = 600.0
    ann.verifications.tick()

    assert [(one.reason, one.cancelled_here) for one in ann.ended()] == [
        (CancelReason.TIMEOUT, True)
    ]
    assert ann.verifications.of(BOB.account) == ann.ended()[0]
    assert (ann.last().to, ann.last().content["code"]) == (BOB.device, "m.timeout")
    assert not ann.verifications.cancel(BOB.account)


@pytest.mark.parametrize(
    ("code", "reason"),
    [("m.mismatched_sas", CancelReason.MISMATCH), ("org.example.odd", CancelReason.UNKNOWN)],
)
def test_a_reason_of_the_other_side_is_told_by_its_code(code: str, reason: CancelReason) -> None:
    ann = _Side(ANN, BOB, BOB_IDENTITY)
    asked = {"transaction_id": "t", "from_device": "B", "methods": [METHOD]}
    ann.verifications.take(DecryptedToDevice(PREFIX + "request", asked, BOB.device))
    cancel = {"transaction_id": "t", "code": code, "reason": "whatever it says"}

    ann.verifications.take(DecryptedToDevice(PREFIX + "cancel", cancel, BOB.device))

    assert [(one.reason, one.cancelled_here) for one in ann.ended()] == [(reason, False)]


@pytest.mark.parametrize("asked_first", [True, False])
def test_where_both_have_asked_the_one_with_the_smaller_id_starts(*, asked_first: bool) -> None:
    sides = {
        ANN.account: _Side(ANN, BOB, BOB_IDENTITY),
        BOB.account: _Side(BOB, ANN, Secret(ANN.account).identity),
    }
    names = {ANN.account: ANN, BOB.account: BOB}
    order = [ANN.account, BOB.account] if asked_first else [BOB.account, ANN.account]
    for one, other in (order, order[::-1]):
        sides[one].verifications.ask(other, lambda _: None)
    taken = dict.fromkeys(order, 0)
    for one, other in (order, order[::-1]) * 8:
        for content in sides[one].sent[taken[one] :]:
            taken[one] += 1
            message = DecryptedToDevice(content.type, content.content, names[one].device)
            sides[other].verifications.take(message)

    started = [one for one in order if PREFIX + "start" in {s.type for s in sides[one].sent}]
    assert started == [min(order, key=lambda one: f"@{one}" if one.isascii() else "@=")]
    emoji = {tuple(sides[one].shown()[0].emoji) for one in order}
    assert len(emoji) == 1
