"""The full screen does what the table of shortcuts says."""

import pytest

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.shortcuts import ACTIONS, bindings, textual_key
from messenger.ui.shortcuts import shortcuts
from messenger.ui.where import Where


@pytest.mark.parametrize(
    ("key", "called"),
    [
        ("Ctrl+,", "ctrl+comma"),
        ("PgUp", "pageup"),
        ("Alt+Shift+Down", "alt+shift+down"),
        ("F1", "f1"),
    ],
)
def test_keys_are_called_as_the_toolkit_calls_them(key: str, called: str) -> None:
    assert textual_key(key) == called


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_the_app_has_every_action(action: str) -> None:
    assert hasattr(MessengerApp, f"action_{action}")


def test_every_shortcut_is_bound() -> None:
    bound = {key for one in bindings() for key in one.key.split(",")}

    assert {textual_key(key) for one in shortcuts(Where.TERMINAL) for key in one.keys} <= bound
