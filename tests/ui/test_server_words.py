"""What a server calls by tags is said in words, and what a newer one calls otherwise stays."""

from collections.abc import Callable
from typing import get_args

import pytest

from messenger.jim.admin.accounts import Role, State
from messenger.jim.admin.doctor import CheckLevel
from messenger.language import use_language
from messenger.server.doctor.checks import Name
from messenger.ui.server_words import account_state_name, check_name, level_name, role_name


@pytest.mark.parametrize(
    ("tags", "say"),
    [(Name, check_name), (CheckLevel, level_name), (Role, role_name), (State, account_state_name)],
)
def test_each_tag_has_words(tags: object, say: Callable[[str], str]) -> None:
    use_language("ru")
    try:
        for tag in get_args(tags):
            assert say(tag) != tag
    finally:
        use_language("auto")


def test_tags_of_a_newer_server_stay_as_they_are() -> None:
    assert check_name("gravity") == "gravity"
    assert role_name("king") == "king"
