"""What a user is asked for is asked until it will do, and of nobody where nobody is there."""

import pytest

from messenger.ui.prompts import Needed, NoLogin, Prompter
from tests.ui.answers import Answering

GOOD = "a long enough password"


def test_a_name_that_will_not_do_is_asked_for_again() -> None:
    user = Answering(["#room", "  Иван "])

    assert user.name("名前") == "Иван"
    assert len(user.heard) == 1


def test_nothing_typed_takes_the_name_that_is_suggested() -> None:
    assert Answering([""]).name("名前") == "名前"
    assert Answering(may_ask=False).name("名前") == "名前"


def test_a_new_password_is_typed_twice_and_has_to_be_the_same() -> None:
    user = Answering(["short", GOOD, "mistyped", GOOD, GOOD])

    assert user.new_password("Иван") == GOOD
    assert user.heard[-1] == "The passwords do not match."


def test_an_empty_passphrase_is_none_and_not_typed_twice() -> None:
    assert Answering([""]).new_passphrase() == ""
    assert Answering(["a", "b", "c", "c"]).new_passphrase() == "c"


def test_a_second_question_for_the_passphrase_says_that_the_first_answer_was_wrong() -> None:
    user = Answering(["one", "two"])

    user.passphrase()
    assert user.heard == []
    user.passphrase()
    assert user.heard == ["Wrong passphrase."]


def test_the_passphrase_of_a_backup_is_asked_for_once() -> None:
    user = Answering(["名前"])

    assert [user.passphrase_of_backup(), user.passphrase_of_backup()] == ["名前", "名前"]


def test_a_wrong_recovery_code_is_told_before_the_next_try() -> None:
    user = Answering(["CODE"])

    assert user.recovery_code("Invalid recovery code") == "CODE"
    assert user.heard == ["Invalid recovery code"]


@pytest.mark.parametrize("needed", Needed)
def test_what_nobody_can_be_asked_for_is_told_to_the_interface(needed: Needed) -> None:
    questions = {
        Needed.SERVER: Prompter.server,
        Needed.PASSWORD: lambda user: user.password("Password: "),
        Needed.PASSPHRASE: Prompter.passphrase,
        Needed.NEW_PASSPHRASE: Prompter.new_passphrase,
        Needed.RECOVERY_CODE: lambda user: user.recovery_code(""),
    }

    with pytest.raises(NoLogin, match=needed.name):
        questions[needed](Answering(may_ask=False))
