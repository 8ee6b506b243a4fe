"""What a user can choose, and what a wrong choice is answered with."""

import pytest

from messenger.sdk.profiles import Preferences
from messenger.ui.settings import CHOICES, changed, preference_line, value_of


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in CHOICES for value in CHOICES[name].values]
)
def test_every_value_of_every_setting_can_be_chosen(name: str, value: str) -> None:
    preferences = changed(Preferences(), name, value)

    assert value_of(preferences, name) == value
    assert f"{name} = {value}" in preference_line(preferences, name)


def test_a_value_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="theme is one of: auto, dark, light"):
        changed(Preferences(), "theme", "тёмная")


def test_a_setting_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="Settings: theme, bell, notes"):
        changed(Preferences(), "名前", "on")
