"""Names: invisible characters, lookalikes, and the words that programs use for their user."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.errors import BadRequest
from messenger.jim.lookalikes import is_invisible, looks
from messenger.jim.names import (
    RESERVED,
    check_account,
    check_new_account,
    check_new_room,
    check_room,
    room_name,
)
from messenger.ui import wording

ROOT = Path(__file__).parent.parent.parent
FOUR_BYTES = "😀𝕏𠮷🎉🦊" * 5

INVISIBLE = (
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180e",
    "\u200b", "\u200d", "\u202e", "\u2060", "\u2800", "\u3164", "\ufe0f", "\ufeff", "\uffa0",
    "\ufffc", "\U000e0101", "\U000e0041", "\U0001d173",
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["Иван", "名前", "a/b%41", "Ann Lee", "Zoë", "Ann 🎉", "❤", FOUR_BYTES, "ёж", "한국어 abc",
     "カタカナー abc", "שלום", "Анна123", "o'Brien", "ΑΒΓ", "ʻOkina", "Jörg", "Ann\u0301a", "x"],
)  # fmt: skip
def test_names_of_every_alphabet_are_fine(name: str) -> None:
    check_new_account(name)


@pytest.mark.parametrize("where", ["ann{}", "a{}nn", "{}", "{}ann"])
@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
def test_no_new_name_has_an_invisible_character(character: str, where: str) -> None:
    assert is_invisible(character)
    name = where.format(character)

    for check, given_name in ((check_new_account, name), (check_new_room, f"#{name}")):
        with pytest.raises(BadRequest, match=r"invisible characters|cannot be empty"):
            check(given_name)


@pytest.mark.parametrize("name", ["аnn", "ann\u0430", "уоu", "Аlice", "αlice", "Zоё", "раypal"])
def test_a_new_name_must_use_one_alphabet(name: str) -> None:
    with pytest.raises(BadRequest, match="one alphabet"):
        check_new_account(name)
    with pytest.raises(BadRequest, match="one alphabet"):
        check_new_room(f"#{name}")


def test_each_word_of_a_rooms_name_may_have_its_alphabet() -> None:
    for name in ("#dev-чат", "#команда_qa", "#1с-help", "#开发dev"):
        check_new_room(name)


@pytest.mark.parametrize(
    "name",
    [
        "you",
        "You",
        "ＹＯＵ",
        "y\u043eu",
        "вы",
        "Вы",
        "я",
        "me",
        "MESSENGER",
        "server",
        "all",
        "аll",
    ],
)
def test_nobody_is_called_what_the_program_calls_its_user_or_itself(name: str) -> None:
    with pytest.raises(BadRequest):
        check_new_account(name)


def test_words_that_are_shown_instead_of_the_users_name_are_reserved() -> None:
    assert wording.ONESELF <= RESERVED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "Ann"), ("ann", "ＡＮＮ"), ("ann", "\u0430nn"), ("Ivan", "ıvan"), ("Ivan", "lvan"),
        ("Ivan", "Ιvan"), ("bob", "\u0412ob"), ("olga", "0LGA"), ("modern", "rnodern"),
        ("a b", "a  b"), ("ann", "ann\ufe0f"), ("Zoë", "Zoe\u0308"), ("cop", "сор"),
        ("#dev", "#Dev"), ("#dev", "#ＤＥＶ"), ("#dev", "#dev\ufe0f"), ("#all", "#ALL"),
        ("#all", "#AII"),
    ],
)  # fmt: skip
def test_these_look_the_same(one: str, other: str) -> None:
    assert looks(one) & looks(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ann", "anna"), ("Ella", "Elia"), ("Иван", "Ivan"), ("ёлка", "елка"), ("Jose", "José"),
     ("ann", "#ann"), ("名前", "名字")],
)  # fmt: skip
def test_these_do_not(one: str, other: str) -> None:
    assert not looks(one) & looks(other)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=25))
def test_a_name_looks_like_itself_in_every_case_and_form(name: str) -> None:
    assert looks(name)
    for same in (name.upper(), name.lower(), name.casefold()):
        if same.casefold() == name.casefold():
            assert looks(name) & looks(same)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_a_valid_new_name_may_also_log_in(name: str) -> None:
    """A client refuses nothing that a server has once accepted."""
    checks: list[tuple[Callable[[str], None], Callable[[str], None], str]] = [
        (check_new_account, check_account, name),
        (check_new_room, check_room, f"#{name}"),
    ]
    for check_new, check, given_name in checks:
        try:
            check_new(given_name)
        except BadRequest:
            continue
        check(given_name)


def test_the_common_chat_has_two_names() -> None:
    assert room_name("#") == room_name("#all") == "#all"
    assert room_name("#dev") == "#dev"
