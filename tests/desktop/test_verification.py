"""People verify each other in dialogs, and nobody is verified by mistake."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from messenger.crypto.emoji import EMOJI
from messenger.desktop.security.steps import Step, first_step, number_rows, step_of
from messenger.desktop.security.verification import VerificationDialog
from messenger.sdk import Client
from messenger.sdk.key_errors import VerifiedKeysChanged
from messenger.sdk.key_states import CancelReason, Verification, VerificationState
from messenger.sdk.store import IdentityTrust
from tests.desktop.devices import button, press, said, wait
from tests.desktop.people import People, Person

Open = Callable[..., VerificationDialog]


@pytest.fixture
def ann(person: People) -> Person:
    return person("ann")


@pytest.fixture
def bob(person: People) -> Person:
    return person("bob")


@pytest.fixture
def dialog(qtbot: QtBot) -> Open:
    """Open somebody's dialog about somebody else."""

    def open_it(whose: Person, about: Person, **more: bool) -> VerificationDialog:
        made = VerificationDialog(whose.bridge, about.name, **more)
        qtbot.addWidget(made)
        made.show()
        return made

    return open_it


def trusts(one: Person, other: Person) -> IdentityTrust:
    return one.do(lambda client: client.keys.trust_of(other.name))


def reaches(qtbot: QtBot, shown: VerificationDialog, step: Step) -> None:
    wait(qtbot, lambda: shown.step is step)


# --- steps --------------------------------------------------------------------------------------


def test_each_state_has_a_step() -> None:
    steps = {step_of(Verification("bob", state)) for state in VerificationState}
    assert len(steps) == len(VerificationState)


@pytest.mark.parametrize(
    ("state", "has_changed", "step"),
    [
        (None, False, Step.CHOOSING),
        (None, True, Step.CHANGED),
        (VerificationState.REQUEST_RECEIVED, False, Step.ASKED),
        (VerificationState.EMOJI_SHOWN, True, Step.COMPARING),
        (VerificationState.VERIFIED, False, Step.CHOOSING),
        (VerificationState.CANCELLED, True, Step.CHANGED),
    ],
)
def test_it_begins_where_the_verification_is(
    state: VerificationState | None, has_changed: bool, step: Step
) -> None:
    verification = Verification("bob", state) if state else None
    assert first_step(verification, has_changed=has_changed) is step


def test_a_number_is_shown_in_short_rows() -> None:
    rows = number_rows(" ".join("12345" for _group in range(12)))
    assert [len(row) for row in rows] == [4, 4, 4]


# --- emoji --------------------------------------------------------------------------------------


def test_two_who_see_the_same_emoji_are_verified(
    qtbot: QtBot, ann: Person, bob: Person, dialog: Open
) -> None:
    hers = dialog(ann, bob)
    press(qtbot, hers, "Compare emoji")
    reaches(qtbot, hers, Step.WAITING)
    his = dialog(bob, ann)
    reaches(qtbot, his, Step.ASKED)
    press(qtbot, his, "Compare emoji")

    reaches(qtbot, hers, Step.COMPARING)
    reaches(qtbot, his, Step.COMPARING)
    named = [name for _picture, name in EMOJI if name in said(hers).split("\n")]
    assert named == [name for _picture, name in EMOJI if name in said(his).split("\n")]
    press(qtbot, hers, "They match")
    reaches(qtbot, hers, Step.CONFIRMED)
    press(qtbot, his, "They match")
    with qtbot.waitSignal(hers.decided, timeout=30_000):
        reaches(qtbot, his, Step.VERIFIED)

    assert trusts(ann, bob) is trusts(bob, ann) is IdentityTrust.VERIFIED
    press(qtbot, hers, "Done")
    assert hers.result() == hers.DialogCode.Accepted


def test_emoji_that_differ_are_a_warning_to_both(
    qtbot: QtBot, ann: Person, bob: Person, dialog: Open
) -> None:
    hers = dialog(ann, bob, compares_emoji=True)
    reaches(qtbot, hers, Step.WAITING)
    his = dialog(bob, ann, compares_emoji=True)
    reaches(qtbot, his, Step.COMPARING)
    press(qtbot, his, "They do not match")

    reaches(qtbot, hers, Step.DIFFERENT)
    reaches(qtbot, his, Step.DIFFERENT)
    assert "intercepting" in said(hers)
    assert trusts(ann, bob) is IdentityTrust.UNVERIFIED


def test_who_closes_the_dialog_cancels_and_the_other_is_told(
    qtbot: QtBot, ann: Person, bob: Person, dialog: Open
) -> None:
    hers = dialog(ann, bob, compares_emoji=True)
    reaches(qtbot, hers, Step.WAITING)
    his = dialog(bob, ann)
    reaches(qtbot, his, Step.ASKED)
    press(qtbot, hers, "Cancel")

    reaches(qtbot, his, Step.FAILED)
    assert "cancelled" in said(his)
    press(qtbot, his, "Try again")
    assert his.step is Step.CHOOSING


def test_not_now_declines_nothing(qtbot: QtBot, ann: Person, bob: Person, dialog: Open) -> None:
    hers = dialog(ann, bob, compares_emoji=True)
    reaches(qtbot, hers, Step.WAITING)
    his = dialog(bob, ann)
    reaches(qtbot, his, Step.ASKED)
    press(qtbot, his, "Not now")
    again = dialog(bob, ann)

    reaches(qtbot, again, Step.ASKED)
    assert hers.step is Step.WAITING


def test_a_timeout_has_its_reason(qtbot: QtBot, ann: Person, bob: Person, dialog: Open) -> None:
    hers = dialog(ann, bob, compares_emoji=True)
    reaches(qtbot, hers, Step.WAITING)
    hers._verification_changed(
        Verification(bob.name, VerificationState.CANCELLED, reason=CancelReason.TIMEOUT)
    )

    assert "it took too long" in said(hers)


def test_who_has_no_keys_cannot_be_verified(qtbot: QtBot, ann: Person, dialog: Open) -> None:
    hers = VerificationDialog(ann.bridge, "nobody")
    qtbot.addWidget(hers)
    hers.show()
    press(qtbot, hers, "Compare numbers")

    wait(qtbot, lambda: "nobody" in hers._error.text())
    assert hers.step is Step.CHOOSING
    assert button(hers, "Compare numbers") is not None


# --- number and code ----------------------------------------------------------------------------


def test_both_see_the_same_number_and_verify_by_it(
    qtbot: QtBot, ann: Person, bob: Person, dialog: Open
) -> None:
    hers, his = dialog(ann, bob), dialog(bob, ann)
    for one in (hers, his):
        press(qtbot, one, "Compare numbers")
        reaches(qtbot, one, Step.NUMBER)
    assert hers._number == his._number
    assert all(group in said(hers) for group in hers._number.split())

    press(qtbot, hers, "They match")
    reaches(qtbot, hers, Step.VERIFIED)
    press(qtbot, his, "They do not match")

    assert trusts(ann, bob) is IdentityTrust.VERIFIED
    assert his.step is Step.DIFFERENT
    assert trusts(bob, ann) is not IdentityTrust.VERIFIED


def test_the_others_code_verifies_and_nobody_elses(
    qtbot: QtBot, ann: Person, bob: Person, person: People, dialog: Open
) -> None:
    cid = person("cid")
    hers = dialog(ann, bob)
    press(qtbot, hers, "Use a QR code")
    reaches(qtbot, hers, Step.CODE)

    hers._read(cid.do(lambda client: client.keys.safety_number(ann.name)))
    assert "is not verified" in hers._error.text()
    hers._read(bob.do(_recovery_code))
    assert "recovery code" in hers._error.text()
    assert trusts(ann, bob) is not IdentityTrust.VERIFIED
    hers._read(bob.do(lambda client: client.keys.safety_number(ann.name)))

    reaches(qtbot, hers, Step.VERIFIED)
    assert trusts(ann, bob) is IdentityTrust.VERIFIED


def _recovery_code(client: Client) -> str:
    code = client.keys.recovery_code
    assert code is not None
    return code


# --- a changed identity -------------------------------------------------------------------------


@pytest.fixture
def changed(qtbot: QtBot, ann: Person, bob: Person, dialog: Open) -> VerificationDialog:
    """Ann's dialog about bob, whom she had verified, and who has other keys since."""
    ann.do(lambda client: client.keys.safety_number(bob.name))
    ann.do(lambda client: client.keys.verify(bob.name))
    bob.do(lambda client: client.keys.reset())
    with pytest.raises(VerifiedKeysChanged):
        ann.do(lambda client: client.keys.devices_of(bob.name))
    shown = dialog(ann, bob)
    reaches(qtbot, shown, Step.CHANGED)
    return shown


def test_sending_anyway_needs_two_decisions(
    qtbot: QtBot, ann: Person, bob: Person, changed: VerificationDialog
) -> None:
    press(qtbot, changed, "Send anyway…")
    assert trusts(ann, bob) is IdentityTrust.CHANGED
    press(qtbot, changed, "Back")
    assert changed.step is Step.CHANGED
    press(qtbot, changed, "Send anyway…")
    with qtbot.waitSignal(changed.decided, timeout=30_000):
        press(qtbot, changed, "Send anyway")

    assert trusts(ann, bob) is IdentityTrust.UNVERIFIED


def test_a_changed_identity_is_verified_again(
    qtbot: QtBot, ann: Person, bob: Person, changed: VerificationDialog
) -> None:
    press(qtbot, changed, "Verify again")
    press(qtbot, changed, "Compare numbers")
    reaches(qtbot, changed, Step.NUMBER)
    press(qtbot, changed, "They match")
    reaches(qtbot, changed, Step.VERIFIED)

    assert trusts(ann, bob) is IdentityTrust.VERIFIED
