"""What users do about keys: approve devices, compare numbers and emoji, decide, remove devices."""

import pytest

from messenger.jim.errors import BadRequest, Conflict, Forbidden, NotFound
from messenger.sdk.events import (
    ApprovalChanged,
    ConversationChanged,
    DeviceApproved,
    IdentityChanged,
    KeysRestored,
    MessageChanged,
    RecoveryChanged,
    StateChanged,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.key_errors import VerificationNeeded
from messenger.sdk.key_states import (
    Approval,
    ApprovalState,
    Recovery,
    RecoveryState,
    VerificationState,
)
from messenger.sdk.store import IdentityTrust, MessageState
from tests.in_process import InProcessClient, Users
from tests.sdk.person import Names


def acquainted(
    user: Users, name: Names, bob: InProcessClient | None = None
) -> tuple[InProcessClient, InProcessClient]:
    """Return two people who have written to each other."""
    ann, bob = user(name("ann")), bob or user(name("bob"))
    ann.say(bob.name, "hi")
    bob.say(ann.name, "hi yourself")
    return ann, bob


@pytest.fixture(scope="module")
def ann(shared_user: Users) -> InProcessClient:
    """Somebody whom tests share that change nothing about her."""
    return shared_user("Анна с ключами")


@pytest.fixture(scope="module")
def friend(shared_user: Users) -> InProcessClient:
    """Whom tests share that write to somebody, or verify them."""
    return shared_user("名前-%41")


def later(*clients: InProcessClient) -> None:
    """Let what is done now and then be done."""
    for client in clients:
        client.pass_time(10)


# --- the user's own devices --------------------------------------------------------------------


def test_the_first_device_of_an_account_makes_its_identity_and_is_approved(
    ann: InProcessClient,
) -> None:
    (made,) = ann.of(RecoveryChanged)
    assert ann.keys.is_approved
    assert ann.keys.recovery_code == made.recovery.code
    assert made.recovery.state is RecoveryState.CODE_UNCONFIRMED
    assert [(one.approved, one.is_this) for one in ann.keys.own_devices()] == [(True, True)]


def test_a_second_device_is_approved_by_the_code_that_it_shows_and_reads_what_was_written(
    user: Users, name: Names, friend: InProcessClient
) -> None:
    ann, bob = acquainted(user, name, friend)
    later(ann, bob)
    second = user(ann.name, register=False)
    needed = second.keys.approval
    assert needed == Approval(ApprovalState.NEEDED, second.keys.approval_code)
    assert [event.approval for event in second.of(ApprovalChanged)] == [needed]
    assert second.keys.recovery == Recovery(RecoveryState.NONE)
    assert second.keys.recovery_code is None

    ann.keys.approve(needed.code)
    later(second)

    assert second.keys.is_approved
    assert ann.of(DeviceApproved) == [DeviceApproved(second.core.encryption.identity.device_id)]
    assert second.of(ApprovalChanged)[-1].approval == second.keys.approval
    assert second.keys.approval.state is ApprovalState.APPROVED
    assert [event.recovery.state for event in second.of(RecoveryChanged)][-2:] == [
        "restoring",
        "restored",
    ]
    assert second.keys.recovery.code == ann.keys.recovery_code
    assert second.of(KeysRestored)
    assert [one.text for one in second.all(bob.name)] == ["hi", "hi yourself"]


@pytest.mark.parametrize("code", ["", "no code", "2" * 60])
def test_what_is_no_approval_code_is_refused(ann: InProcessClient, code: str) -> None:
    with pytest.raises(BadRequest):
        ann.keys.approve(code)


def test_the_recovery_code_approves_a_device_when_the_others_are_lost(
    user: Users, name: Names, friend: InProcessClient
) -> None:
    ann, bob = acquainted(user, name, friend)
    later(ann)
    code = ann.keys.recovery_code or ""
    ann.close()
    again = user(ann.name, register=False)

    with pytest.raises(BadRequest, match="another account"):
        again.keys.recover(bob.keys.recovery_code or "")
    again.keys.recover(code)
    later(again)

    assert again.keys.is_approved
    assert [one.text for one in again.all(bob.name)] == ["hi", "hi yourself"]


def test_a_device_that_is_removed_is_logged_out_and_may_be_approved_by_the_secret_it_kept(
    user: Users, name: Names
) -> None:
    ann = user(name("ann"))
    second = user(ann.name, register=False)
    ann.keys.approve(second.keys.approval_code)
    device_id = second.core.encryption.identity.device_id

    ann.keys.forget_device(device_id)

    assert second.of(StateChanged)[-1].error is not None
    assert [one.device_id for one in ann.keys.own_devices()] != [device_id]
    second.break_off()
    second.start()
    assert second.keys.approval.keeps_secret
    second.keys.recover_kept()
    assert second.keys.is_approved


def test_there_is_nothing_to_recover_by_where_nothing_was_kept(ann: InProcessClient) -> None:
    with pytest.raises(BadRequest):
        ann.keys.recover_kept()


def test_a_guest_has_no_keys(ann: InProcessClient, user: Users, name: Names) -> None:
    guest = user(name("guest"), password=None)

    for ask in (
        lambda: guest.keys.approval_code,
        lambda: guest.keys.recovery_code,
        guest.keys.own_devices,
        guest.keys.reset,
        lambda: guest.keys.safety_number(ann.name),
    ):
        with pytest.raises(Forbidden):
            ask()
    ann.say(guest.name, "hi")
    with pytest.raises(NotFound, match="guest"):
        ann.keys.devices_of(guest.name)


# --- others ------------------------------------------------------------------------------------


def test_two_people_see_the_same_number_and_verify_each_other(
    user: Users, name: Names, friend: InProcessClient
) -> None:
    ann, bob = acquainted(user, name, friend)
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED

    assert ann.keys.safety_number(bob.name) == bob.keys.safety_number(ann.name)
    ann.keys.verify(bob.name)

    assert ann.keys.trust_of(bob.name) is IdentityTrust.VERIFIED
    assert not ann.keys.has_changed(bob.name)
    with pytest.raises(Conflict):
        ann.keys.accept(bob.name)


def test_of_somebody_who_has_no_device_there_is_no_number(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    guest = user(name("guest"), password=None)

    with pytest.raises(NotFound, match="no encryption-capable device"):
        ann.keys.safety_number(guest.name)


def test_the_same_seven_emoji_verify_both(user: Users, name: Names) -> None:
    ann, bob = acquainted(user, name)

    ann.keys.request_verification(bob.name)
    bob.keys.request_verification(ann.name)
    seen_by_ann, seen_by_bob = ann.keys.verification(bob.name), bob.keys.verification(ann.name)
    assert seen_by_ann is not None
    assert seen_by_bob is not None
    assert seen_by_ann.emoji == seen_by_bob.emoji
    assert len(seen_by_ann.emoji) == 7
    ann.keys.agree(bob.name)
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED
    bob.keys.agree(ann.name)

    assert ann.keys.trust_of(bob.name) is bob.keys.trust_of(ann.name) is IdentityTrust.VERIFIED
    assert states(ann) == ["request_sent", "ready", "emoji_shown", "confirmed", "verified"]
    assert states(bob) == ["request_received", "ready", "emoji_shown", "verified"]


def states(client: InProcessClient) -> list[VerificationState]:
    """Return how far each verification got, as it was told."""
    return [event.verification.state for event in client.of(VerificationChanged)]


def test_emoji_that_differ_verify_nobody(user: Users, name: Names) -> None:
    ann, bob = acquainted(user, name)
    ann.keys.request_verification(bob.name)
    bob.keys.request_verification(ann.name)

    bob.keys.differ(ann.name)

    assert ann.keys.trust_of(bob.name) is bob.keys.trust_of(ann.name) is IdentityTrust.UNVERIFIED
    assert states(ann)[-1] is states(bob)[-1] is VerificationState.CANCELLED
    with pytest.raises(NotFound, match="nothing to compare"):
        ann.keys.agree(bob.name)


def test_somebody_verified_who_has_new_keys_gets_nothing_until_the_user_decides(
    user: Users, name: Names
) -> None:
    ann, bob = acquainted(user, name)
    ann.keys.verify(bob.name)
    bob.keys.reset()
    ann.told.clear()

    message = ann.say(bob.name, "who are you?")

    assert message.state is MessageState.FAILED
    assert ann.of(ConversationChanged) == [ConversationChanged(bob.name)]
    assert isinstance(ann.of(MessageChanged)[-1].error, VerificationNeeded)
    assert ann.of(IdentityChanged) == [IdentityChanged(bob.name, was_verified=True)]
    assert ann.keys.has_changed(bob.name)
    with pytest.raises(VerificationNeeded):
        ann.keys.verify(bob.name)
    ann.keys.accept(bob.name)
    assert ann.say(bob.name, "who are you?").state is MessageState.DELIVERED


def test_a_new_number_that_was_shown_verifies_the_new_keys(user: Users, name: Names) -> None:
    ann, bob = acquainted(user, name)
    ann.keys.verify(bob.name)
    bob.keys.reset()
    ann.say(bob.name, "who are you?")

    assert ann.keys.safety_number(bob.name) == bob.keys.safety_number(ann.name)
    ann.keys.verify(bob.name)

    assert ann.keys.trust_of(bob.name) is IdentityTrust.VERIFIED


def test_whom_one_device_has_verified_the_other_one_knows(
    user: Users, name: Names, friend: InProcessClient
) -> None:
    ann, bob = acquainted(user, name, friend)
    second = user(ann.name, register=False)
    ann.keys.approve(second.keys.approval_code)
    later(second)

    ann.keys.verify(bob.name)
    later(ann, second)

    assert second.of(TrustDecided) == [TrustDecided(bob.name, IdentityTrust.VERIFIED)]
    assert second.keys.trust_of(bob.name) is IdentityTrust.VERIFIED
