"""Emoji are found by names and words in English and Russian, and chosen without a mouse."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from messenger.desktop.writing.composer import Composer
from messenger.desktop.writing.emoji_catalogue import GROUPS, catalogue
from messenger.desktop.writing.emoji_picker import EmojiPicker
from tests.desktop.people import People
from tests.desktop.typing import press, type_text

ENTER = Qt.Key.Key_Return


@pytest.mark.parametrize(
    ("words", "emoji"),
    [
        ("joy", "😂"),
        ("+1", "👍"),
        ("спасибо", "🙏"),
        ("СЕРДЦЕ", "❤️"),
        ("алое_сердце", "❤️"),
        ("лен", "🦥"),
        ("лён", "🦥"),
        (":party popper:", "🎉"),
    ],
)
def test_emoji_are_found(words: str, emoji: str) -> None:
    assert emoji in [one.character for one in catalogue().search(words)]


def test_the_likeliest_comes_first_and_nothing_is_found_for_nothing() -> None:
    assert [catalogue().search(words)[0].character for words in ("joy", "heart", "+1")] == [
        "😂",
        "❤️",
        "👍",
    ]
    assert catalogue().search(" ") == catalogue().search("нетничего") == []
    assert catalogue().named("joy") == catalogue().named(":смеется_до_слез:") == "😂"
    assert catalogue().named("nothing like it") == ""


def test_each_group_has_emoji_in_unicodes_order_and_each_has_a_name() -> None:
    groups = catalogue().groups
    assert list(groups) == [group.key for group in GROUPS]
    assert groups["smileys-emotion"][0].character == "😀"
    assert all(one.name and one.alias and one.words for group in groups.values() for one in group)


@pytest.fixture
def composer(person: People, qtbot: QtBot) -> Composer:
    made = Composer(person("ann", online=False).bridge, ["🎉", "nothing"])
    qtbot.addWidget(made)
    made.turn_to("#all")
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def picker(composer: Composer, qtbot: QtBot) -> EmojiPicker:
    composer.emoji.click()
    found = composer.picker
    assert found is not None
    qtbot.waitUntil(lambda: found.grid.current() is not None)
    return found


def test_it_begins_with_those_used_lately(picker: EmojiPicker) -> None:
    assert shown(picker) == ["🎉"]


def test_search_and_enter_choose_an_emoji_and_it_becomes_the_latest(
    composer: Composer, picker: EmojiPicker, qtbot: QtBot
) -> None:
    type_text(composer.input, "ха ")
    type_text(picker.search, "спасибо")
    with qtbot.waitSignal(composer.emoji_used) as signal:
        press(picker.search, ENTER)

    assert signal.args == ["🙏"]
    assert composer.input.text() == "ха 🙏"
    assert not picker.isVisible()
    composer.emoji.click()
    assert shown(picker) == ["🙏", "🎉"]


def test_the_grid_is_walked_by_arrow_keys(
    composer: Composer, picker: EmojiPicker, qtbot: QtBot
) -> None:
    picker.show_group("smileys-emotion")
    press(picker.search, Qt.Key.Key_Down)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        press(picker.grid, key)

    current = picker.grid.current()
    assert current == catalogue().groups["smileys-emotion"][8]
    assert picker.grid.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole) == current.name
    press(picker.grid, ENTER)
    assert composer.input.text() == current.character


def test_shift_keeps_it_open_for_another_one(composer: Composer, picker: EmojiPicker) -> None:
    press(picker.search, ENTER, "", Qt.KeyboardModifier.ShiftModifier)
    assert picker.isVisible()
    press(picker.search, ENTER)
    assert composer.input.text() == "🎉🎉"
    assert not picker.isVisible()


def test_a_click_chooses_and_escape_closes(
    composer: Composer, picker: EmojiPicker, qtbot: QtBot
) -> None:
    qtbot.mouseClick(picker.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert composer.input.text() == "🎉"

    composer.emoji.click()
    press(picker.search, Qt.Key.Key_Escape)
    assert not picker.isVisible()


def shown(picker: EmojiPicker) -> list[str]:
    model = picker.grid.model()
    assert model is not None
    return [model.index(row, 0).data() for row in range(model.rowCount())]
