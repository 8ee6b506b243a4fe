"""What a user is asked after the server has refused a login, and what is made of the answers."""

import pytest

from messenger.jim.errors import (
    BadRequest,
    Conflict,
    DeviceRemoved,
    NotFound,
    ProtocolError,
    TooMany,
    Unauthorized,
    WrongCode,
    WrongPassword,
)
from messenger.sdk.credentials import Credentials
from messenger.sdk.server_identity import KeyReplaced
from messenger.ui.login import NameTaken, Step, next_step, other_credentials
from messenger.ui.prompts import AnotherName, Cancelled, NoLogin
from tests.ui.answers import Answering

IVAN = Credentials("Иван", "pass 名前")
GUEST = Credentials("Иван")
REMOVED = DeviceRemoved("This device was removed by another one of yours")
TAKEN = Conflict("The name Иван is taken")


def ask(old: Credentials, error: ProtocolError, user: Answering) -> Credentials:
    return other_credentials(old, error, user, user.heard.append)


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (Unauthorized("a password is needed"), Step.GIVE_PASSWORD),
        (REMOVED, Step.LOG_IN_AGAIN),
        (WrongPassword("wrong"), Step.CORRECT_PASSWORD),
        (WrongCode("expired"), Step.CORRECT_CODE),
        (NotFound("no such account"), Step.CORRECT_PASSWORD),
        (BadRequest("too short"), Step.CHOOSE_PASSWORD),
        (TAKEN, Step.CHOOSE_NAME),
        (KeyReplaced("one", "another"), Step.STOP),
        (TooMany("Too many logins"), Step.STOP),
    ],
)
def test_each_refusal_has_a_step_that_comes_next(error: ProtocolError, step: Step) -> None:
    assert next_step(error, IVAN).step is step


def test_a_refusal_says_why_it_is_one() -> None:
    assert "Иван is registered" in next_step(Unauthorized("no"), GUEST).reason
    assert "there is no account Иван" in next_step(WrongPassword("no"), IVAN).reason
    assert "logged out on this computer" in next_step(WrongPassword("no"), GUEST).reason
    assert next_step(BadRequest("too short"), IVAN).reason == "too short"
    assert next_step(KeyReplaced("one", "another"), IVAN).reason == str(
        KeyReplaced("one", "another")
    )
    assert next_step(TooMany("Too many"), IVAN).reason == "Login refused: Too many"


def test_a_guest_whose_name_is_registered_gives_the_password() -> None:
    user = Answering(["pass"])

    assert ask(GUEST, Unauthorized("no"), user) == Credentials("Иван", "pass")
    assert user.is_registered


def test_a_password_that_came_along_is_tried_before_anybody_is_asked() -> None:
    user = Answering(password="of the environment", may_ask=False)

    assert ask(GUEST, Unauthorized("no"), user) == Credentials("Иван", "of the environment")


def test_the_password_of_a_removed_device_is_asked_for_whatever_is_remembered() -> None:
    user = Answering(["typed"], password="of the environment")

    assert ask(Credentials("Иван", "remembered"), REMOVED, user) == Credentials("Иван", "typed")
    assert user.heard == ["This device was removed by another one of yours."]
    assert user.asked == ["Password of Иван: "]


def test_a_mistyped_password_is_typed_again() -> None:
    assert ask(IVAN, WrongPassword("no"), Answering(["again"])) == Credentials("Иван", "again")


def test_nothing_typed_after_a_wrong_password_makes_an_account_of_it() -> None:
    user = Answering([""], agrees=True)

    assert ask(IVAN, WrongPassword("no"), user) == IVAN._replace(register=True)
    assert user.wants_account


def test_who_wants_no_account_is_asked_for_the_password_again() -> None:
    assert ask(IVAN, WrongPassword("no"), Answering(["", "third"])).password == "third"


def test_a_password_that_will_not_do_is_chosen_anew() -> None:
    new = "another long password"
    user = Answering([new, new], password="short")

    found = ask(IVAN._replace(register=True), BadRequest("too short"), user)

    assert found == Credentials("Иван", new, register=True)
    assert user.heard == ["too short"]


def test_a_code_that_does_not_hold_is_typed_again_and_the_new_password_kept() -> None:
    reset = IVAN._replace(reset_code="wrong")
    user = Answering([" ABCD-EFGH "])

    assert ask(reset, WrongCode("expired"), user) == IVAN._replace(reset_code="ABCD-EFGH")
    assert user.heard == ["expired"]


def test_a_new_password_that_will_not_do_does_not_use_the_code_up() -> None:
    new = "another long password"

    found = ask(IVAN._replace(reset_code="ABCD"), BadRequest("too short"), Answering([new, new]))

    assert found == Credentials("Иван", new, reset_code="ABCD")


def test_whoever_has_forgotten_the_password_is_told_whom_to_ask() -> None:
    user = Answering(["again"])
    ask(IVAN, WrongPassword("no"), user)
    assert "an administrator can give you a code" in user.heard[-1]


def test_whoever_may_choose_another_name_is_asked_for_one() -> None:
    with pytest.raises(AnotherName) as other:
        ask(GUEST, TAKEN, Answering(["a/b%41"], may_rename=True))

    assert other.value.name == "a/b%41"


def test_a_name_that_somebody_has_registered_meanwhile_needs_its_password() -> None:
    user = Answering(["theirs"])
    user.wants_account = True

    assert ask(IVAN._replace(register=True), TAKEN, user) == Credentials("Иван", "theirs")


@pytest.mark.parametrize(
    "error", [REMOVED, WrongPassword("removed by another"), BadRequest("removed by another")]
)
def test_where_nobody_can_be_asked_it_is_said_and_that_is_the_end(error: ProtocolError) -> None:
    with pytest.raises(NoLogin, match="removed by another"):
        ask(IVAN._replace(register=True), error, Answering(may_ask=False))


def test_a_taken_name_ends_a_login_where_nobody_can_be_asked_for_another() -> None:
    with pytest.raises(NameTaken, match="Login refused: The name Иван is taken"):
        ask(GUEST, TAKEN, Answering(may_ask=False, may_rename=True))


def test_a_server_that_is_another_ends_a_login() -> None:
    with pytest.raises(NoLogin, match="another key"):
        ask(IVAN, KeyReplaced("one", "another"), Answering(["pass"]))


def test_whoever_does_not_answer_is_not_logged_in() -> None:
    with pytest.raises(Cancelled):
        ask(GUEST, Unauthorized("no"), Answering())
