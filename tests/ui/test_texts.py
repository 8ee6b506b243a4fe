"""What is pasted becomes a text that can be sent; what was sent can be recalled."""

import pytest

from messenger.sdk.profiles import Preferences
from messenger.ui.recent_emoji import with_recent
from messenger.ui.sent_texts import SentTexts
from messenger.ui.texts import cleaned, is_command, message_of


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\0b\x1b[31m\x07", "ab[31m"),
        ("чай\t1\x85", "чай\t1"),
        ("\ud83d", "\ufffd"),
        ("👩\u200d🚀 مرحبا", "👩\u200d🚀 مرحبا"),
    ],
)
def test_only_what_can_be_read_is_left_of_a_text(pasted: str, text: str) -> None:
    assert cleaned(pasted) == text


def test_two_slashes_begin_a_text_that_starts_with_one() -> None:
    assert is_command("/help")
    assert not is_command("//help")
    assert message_of("//help") == "/help"
    assert message_of("help") == "help"


def test_texts_are_recalled_and_the_unfinished_one_returns() -> None:
    sent = SentTexts()
    sent.add("раз")
    sent.add("два")

    assert sent.newer() is None
    assert [sent.older("не гото"), sent.older("два"), sent.older("раз")] == ["два", "раз", None]
    assert sent.recalled == "раз"
    assert [sent.newer(), sent.newer(), sent.newer()] == ["два", "не гото", None]
    assert sent.recalled is None


def test_the_latest_emoji_is_the_first_and_none_stands_twice() -> None:
    preferences = Preferences()
    for emoji in ("😂", "🎉", "😂", *map(str, range(100))):
        preferences = with_recent(preferences, emoji)

    assert preferences.recent_emoji[:2] == ("99", "98")
    assert len(preferences.recent_emoji) == 40
    assert with_recent(preferences, "98").recent_emoji[:2] == ("98", "99")
