"""Each shortcut is written as people write keys, and has one meaning."""

import re

import pytest

from messenger.ui.shortcuts import SHORTCUTS, Shortcut

KEY = re.compile(r"((Ctrl|Alt|Shift)\+)*([A-Z0-9]|F\d+|Up|Down|Tab|PgUp|PgDn|[-,+=])")


@pytest.mark.parametrize("shortcut", SHORTCUTS, ids=lambda one: one.action)
def test_keys_are_written_as_people_write_them(shortcut: Shortcut) -> None:
    assert all(map(KEY.fullmatch, shortcut.keys))
    assert shortcut.summary


def test_no_key_and_no_action_stands_twice() -> None:
    keys = [key for one in SHORTCUTS for key in one.keys]
    actions = [one.action for one in SHORTCUTS]

    assert len(keys) == len(set(keys))
    assert len(actions) == len(set(actions))
