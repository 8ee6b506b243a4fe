"""A terminal says with which option or command an error is mended."""

from messenger.console.advice import with_advice
from messenger.ui.login import NameTaken
from messenger.ui.prompts import NoLogin


def test_a_taken_name_is_answered_with_the_option_for_another_one() -> None:
    assert (
        with_advice(NameTaken("Иван is taken")) == "Иван is taken\nTake another name with -n NAME."
    )


def test_what_nothing_helps_against_is_said_as_it_is() -> None:
    assert with_advice(NoLogin("Login refused")) == "Login refused"
