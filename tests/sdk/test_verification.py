"""Verified and accepted identities: known on all devices, and never by the server's word."""

import contextlib
import json

import pytest

from messenger.crypto.accounts import Secret
from messenger.jim.devices import RestoreKeys
from messenger.jim.errors import Conflict, NotFound
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.encryption.trust_records import TRUST_RECORD
from messenger.sdk.events import (
    BackupOutdated,
    IdentityChanged,
    KeysRestored,
    SummariesChanged,
    TrustDecided,
)
from messenger.sdk.key_errors import NothingToCompare, NoVerification, VerificationRunning
from messenger.sdk.key_states import CancelReason, Verification, VerificationState
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState
from tests.running import RunningServer
from tests.sdk.person import Names, People, Person, shown, told, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.test_devices import texts


def test_two_people_compare_a_number_and_know_each_other_then(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNKNOWN
    ann.send_text(bob.name, "hi")
    wait(lambda: texts(bob, ann.name) == ["hi"])
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED

    assert ann.keys.safety_number(bob.name) == bob.keys.safety_number(ann.name)
    ann.keys.verify(bob.name)

    assert ann.keys.trust_of(bob.name) is IdentityTrust.VERIFIED
    with pytest.raises(NotFound):
        ann.keys.safety_number(name("nobody"))


def test_a_verification_changes_the_row_of_the_list(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ann.send_text(bob.name, "hi")
    wait(lambda: texts(bob, ann.name) == ["hi"])
    changed = told(ann, SummariesChanged)
    ann.keys.verify(bob.name)

    wait(lambda: IdentityTrust.VERIFIED in [row.trust for one in changed for row in one.summaries])


def test_a_verification_on_one_device_is_known_on_all(
    person: People, name: Names, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob, eve = person(name("ann")), person(name("bob")), person(name("eve"))
    second = person(ann.name, register=False)
    ann.keys.verify(bob.name)
    ann.keys.approve(second.keys.approval_code)
    wait(lambda: second.keys.trust_of(bob.name) is IdentityTrust.VERIFIED)

    heard = told(ann, TrustDecided)
    second.keys.verify(eve.name)
    wait(lambda: heard == [TrustDecided(eve.name, IdentityTrust.VERIFIED)])
    assert ann.keys.trust_of(eve.name) is IdentityTrust.VERIFIED

    eve.keys.reset()
    second.send_text(eve.name, "who are you?")
    wait(lambda: second.last(eve.name).state is MessageState.FAILED)
    second.keys.accept(eve.name)
    wait(lambda: ann.keys.trust_of(eve.name) is IdentityTrust.UNVERIFIED)
    ann.send_text(eve.name, "and here?")
    wait(lambda: texts(eve, ann.name) == ["and here?"])
    assert "cannot be decrypted" not in caplog.text


def test_a_device_that_nobody_has_approved_decides_nothing(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    slipped_in = person(ann.name, register=False)
    ann.send_text(bob.name, "hi")
    wait(lambda: "hi" in texts(bob, ann.name))
    identity = ann.core.encryption.keys.identity_of(bob.name)
    assert identity is not None
    trust_record = {**identity[0]._asdict(), "trust": "verified"}
    encrypted = Secret(ann.name).encrypt("x", json.dumps(trust_record).encode())
    message = Content(
        ann.core.encryption.identity.device, TRUST_RECORD, {"name": "x", "encrypted": encrypted}
    )
    sent: list[object] = []
    with slipped_in._lock:
        slipped_in.core.encryption.olm_sessions.send([message], sent.append)
        slipped_in._woken.set()
    wait(lambda: sent == [{message.to}])
    bob.send_text(ann.name, "the to-device message has come before this")

    wait(lambda: "the to-device message has come before this" in texts(ann, bob.name))
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED


def test_the_recovery_code_restores_verifications(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ann.keys.verify(bob.name)
    code = ann.keys.recovery_code or ""
    wait(lambda: ann.core.encryption.keys.get("unshared_trust_records") == "[]")
    ann.close()
    bob.keys.reset()

    again = person(ann.name, register=False)
    again.keys.recover(code)
    wait(lambda: again.keys.trust_of(bob.name) is IdentityTrust.VERIFIED)
    again.send_text(bob.name, "is it you?")

    wait(lambda: again.last(bob.name).state is MessageState.FAILED)
    assert again.keys.trust_of(bob.name) is IdentityTrust.CHANGED
    assert bob.name.encode() not in b"".join(
        name.encode() for name in again.ask(RestoreKeys(after="")).keys
    )


def test_a_verified_identity_that_changes_blocks_until_the_user_decides(
    person: People, name: Names
) -> None:
    ann, bob, eve = person(name("ann")), person(name("bob")), person(name("eve"))
    for one in (ann, eve):
        one.send_text(bob.name, "hi")
        wait(lambda: "hi" in texts(bob, one.name))  # noqa: B023  at once
    ann.keys.verify(bob.name)
    with pytest.raises(Conflict, match="Nothing has changed"):
        ann.keys.accept(bob.name)
    assert ann.keys.trust_of(bob.name) is IdentityTrust.VERIFIED
    changed, noticed = told(ann, IdentityChanged), told(eve, IdentityChanged)
    number = ann.keys.safety_number(bob.name)

    bob.keys.reset()
    for one in (ann, eve):
        one.send_text(bob.name, "who are you?")

    wait(lambda: "who are you?" in texts(bob, eve.name))
    wait(lambda: noticed == [IdentityChanged(bob.name, was_verified=False)])
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)
    wait(lambda: changed == [IdentityChanged(bob.name, was_verified=True)])
    assert ann.keys.trust_of(bob.name) is IdentityTrust.CHANGED
    assert "security keys have changed since you verified them" in str(ann.last(bob.name).failure)
    assert "who are you?" not in texts(bob, ann.name)

    assert ann.keys.safety_number(bob.name) != number
    ann.keys.accept(bob.name)
    ann.send_text(bob.name, "go on")
    wait(lambda: "go on" in texts(bob, ann.name))
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED


def test_what_an_identity_that_has_changed_sends_is_held_back_until_the_user_decides(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("Иван"))
    ann.send_text(bob.name, "hi")
    wait(lambda: "hi" in texts(bob, ann.name))
    ann.keys.verify(bob.name)
    bob.keys.reset()
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "who are you?")
    wait(lambda: ann.keys.trust_of(bob.name) is IdentityTrust.CHANGED)

    bob.send_text(ann.name, "it is me")
    wait(lambda: [one for one in ann.all(bob.name) if one.sender == bob.name])
    (held,) = (one for one in ann.all(bob.name) if one.sender == bob.name)
    assert (held.text, held.security) == ("", MessageSecurity.UNSIGNED)

    ann.keys.accept(bob.name)
    wait(lambda: "it is me" in texts(ann, bob.name), 40)


def state_of(one: Person, other: Person) -> VerificationState | None:
    """Return how far one's verification with the other is."""
    verification = one.keys.verification(other.name)
    return verification.state if verification is not None else None


def ask(one: Person, *devices: Person) -> None:
    """Have one request a verification with an account, until these devices of it know."""
    one.keys.request_verification(devices[0].name)
    for device in devices:
        wait(lambda device=device: state_of(device, one) is VerificationState.REQUEST_RECEIVED)


def approve(first: Person, second: Person) -> None:
    """Have a device approve another one of its account, until the server lists it as approved."""
    first.keys.approve(second.keys.approval_code)
    wait(lambda: [one.approved for one in first.keys.devices_of(first.name)] == [True, True])


def compare(one: Person, other: Person) -> None:
    """Have two people begin a verification, until both see emoji."""
    ask(one, other)
    other.keys.request_verification(one.name)
    for person, of in ((one, other), (other, one)):
        wait(lambda person=person, of=of: state_of(person, of) is VerificationState.EMOJI_SHOWN)


def test_two_people_who_are_online_compare_emoji(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    assert ann.keys.verification(bob.name) is None

    compare(ann, bob)
    ann_sees, bob_sees = ann.keys.verification(bob.name), bob.keys.verification(ann.name)
    assert ann_sees is not None
    assert bob_sees is not None
    assert ann_sees.emoji == bob_sees.emoji
    assert len(ann_sees.emoji) == 7
    ann.keys.agree(bob.name)
    assert state_of(ann, bob) is VerificationState.CONFIRMED
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED
    bob.keys.agree(ann.name)

    wait(lambda: state_of(ann, bob) is state_of(bob, ann) is VerificationState.VERIFIED)
    assert ann.keys.trust_of(bob.name) is bob.keys.trust_of(ann.name) is IdentityTrust.VERIFIED


def test_emoji_that_differ_verify_nobody(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    compare(ann, bob)
    bob.keys.agree(ann.name)

    ann.keys.differ(bob.name)

    ended = Verification(bob.name, VerificationState.CANCELLED, (), CancelReason.MISMATCH)
    assert ann.keys.verification(bob.name) == ended._replace(cancelled_here=True)
    wait(lambda: bob.keys.verification(ann.name) == ended._replace(account=ann.name))
    assert ann.keys.trust_of(bob.name) is bob.keys.trust_of(ann.name) is IdentityTrust.UNVERIFIED
    with pytest.raises(NothingToCompare):
        ann.keys.agree(bob.name)


def test_a_verification_has_to_end_before_the_next(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ask(ann, bob)

    with pytest.raises(VerificationRunning):
        ann.keys.request_verification(bob.name)
    ann.keys.cancel_verification(bob.name)
    wait(lambda: state_of(bob, ann) is VerificationState.CANCELLED)
    with pytest.raises(NoVerification):
        bob.keys.cancel_verification(ann.name)

    compare(bob, ann)


def test_a_request_that_another_device_has_accepted_is_over(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    second = person(bob.name, register=False)
    approve(bob, second)

    ask(ann, bob, second)
    bob.keys.request_verification(ann.name)

    over = Verification(ann.name, VerificationState.CANCELLED, (), CancelReason.ACCEPTED_ELSEWHERE)
    wait(lambda: second.keys.verification(ann.name) == over)
    wait(lambda: state_of(bob, ann) is VerificationState.EMOJI_SHOWN)


def test_a_device_that_was_approved_meanwhile_is_asked_too(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    second = person(bob.name, register=False)
    # Not by a message: the other device would request its key, and be looked up for that.
    wait(lambda: {one.approved for one in ann.keys.devices_of(bob.name)} == {True, False})
    approve(bob, second)

    ask(ann, bob, second)


def test_a_request_that_one_device_declines_is_over_on_the_others(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    second = person(bob.name, register=False)
    approve(bob, second)
    ask(ann, bob, second)

    bob.keys.cancel_verification(ann.name)

    for one, other in ((ann, bob), (second, ann)):
        wait(lambda one=one, other=other: state_of(one, other) is VerificationState.CANCELLED)


def test_both_may_ask_at_once(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    seen = shown(ann), shown(bob)

    for one, other in ((ann, bob), (bob, ann)):
        # Whoever is asked first accepts by that.
        with contextlib.suppress(VerificationRunning):
            one.keys.request_verification(other.name)

    wait(lambda: seen[0] and seen[1])
    assert seen[0] == seen[1]


def test_a_trust_record_that_is_sent_again_takes_nothing_back(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """The server has every encrypted trust record: repeating an old one has no effect."""
    liar = LyingProxy(one_server.port, lambda frame: [frame])
    ann, bob = person(name("ann")), person(name("名前"))
    second = person(ann.name, liar.port, register=False)
    ann.keys.approve(second.keys.approval_code)
    wait(lambda: second.keys.is_approved)
    ann.keys.accept(bob.name)
    wait(lambda: second.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED)
    wait(lambda: ann.core.encryption.keys.get("unshared_trust_records") == "[]")
    old = ann.ask(RestoreKeys(after="")).keys
    ann.keys.verify(bob.name)
    wait(lambda: second.keys.trust_of(bob.name) is IdentityTrust.VERIFIED)

    # As a backup, as the server could have stored it; and from an approved own device.
    outdated, restored = told(second, BackupOutdated), told(second, KeysRestored)

    def go_back(frame: Frame) -> list[Frame]:
        return [{**frame, "keys": old}] if "keys" in frame and "response" in frame else [frame]

    liar.lie = go_back
    with second._lock:
        second.core.encryption.account.backup.restore()
        second._woken.set()
    wait(lambda: restored)
    wait(lambda: outdated)  # Another restore may have been under way before the lie.

    liar.lie = lambda frame: [frame]
    to = second.core.encryption.identity.device
    messages = [Content(to, TRUST_RECORD, {"name": one, "encrypted": old[one]}) for one in old]
    with ann._lock:
        ann.core.encryption.olm_sessions.send(messages, lambda _: None)
        ann._woken.set()
    ann.send_text(bob.name, "after that")
    wait(lambda: texts(second, bob.name) == ["after that"])
    assert second.keys.trust_of(bob.name) is IdentityTrust.VERIFIED
    liar.close()


def test_what_a_server_leaves_out_of_the_backup_is_backed_up_again(
    person: People, name: Names, one_server: RunningServer
) -> None:
    liar = LyingProxy(one_server.port, lambda frame: [frame])
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    ann.send_text(bob.name, "hi")
    wait(lambda: texts(bob, ann.name) == ["hi"])
    ann.keys.verify(bob.name)
    wait(lambda: ann.core.encryption.keys.get("unshared_trust_records") == "[]")
    wait(ann.core.encryption.keys.backed_up)
    before = [one for one in liar.overheard if one.get("action") == "backup"]

    def leave_out(frame: Frame) -> list[Frame]:
        frame.pop("keys", None)
        return [frame]

    liar.lie = leave_out
    with ann._lock:
        ann.core.encryption.account.backup.restore()
        ann._woken.set()

    def again() -> set[str]:
        frames = [one for one in liar.overheard if one.get("action") == "backup"][len(before) :]
        return {key for frame in frames for key in frame["keys"]}

    wait(lambda: again() == {key for frame in before for key in frame["keys"]})
    liar.close()
