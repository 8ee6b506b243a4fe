"""What a user can choose, and what a wrong choice is answered with."""

import pytest

from messenger.sdk.profiles import Preferences
from messenger.ui.settings import (
    CHOICES,
    changed,
    choices,
    preference_line,
    text_scale,
    value_name,
    value_of,
)
from messenger.ui.where import Where


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in CHOICES for value in CHOICES[name].values]
)
def test_every_value_of_every_setting_can_be_chosen(name: str, value: str) -> None:
    preferences = changed(Preferences(), name, value)

    assert value_of(preferences, name) == value
    assert value_name(value)
    assert f"{name} = {value}" in preference_line(preferences, name)


def test_a_value_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="theme is one of: auto, light, dark"):
        changed(Preferences(), "theme", "тёмная")


def test_a_setting_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    names = r"Settings: theme, bell, notes, notify_about, notes_show$"

    with pytest.raises(ValueError, match=names):
        changed(Preferences(), "名前", "on", Where.TERMINAL)


def test_a_terminal_does_not_offer_what_only_a_window_has() -> None:
    assert "text_size" in choices(Where.WINDOW)
    assert "text_size" not in choices(Where.TERMINAL)
    with pytest.raises(ValueError, match="No such setting"):
        changed(Preferences(), "language", "ru", Where.TERMINAL)


@pytest.mark.parametrize(("stored", "used"), [(100, 1.0), (125, 1.25), (1, 0.8), (9999, 2.0)])
def test_a_size_of_text_that_nobody_can_read_is_not_used(stored: int, used: float) -> None:
    assert text_scale(Preferences(text_size=stored)) == used
