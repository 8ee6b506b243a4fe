"""Mentions and hits are found where a reader sees them; emoji alone are recognized."""

import pytest

from messenger.sdk.mentions import is_mentioned
from messenger.ui.text_spans import hits_in, is_emoji_only, mentions_in


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Анна", "@анна, привет @Анна!", ["@анна", "@Анна"]),
        ("ann", "@anna is not @ann", ["@ann"]),
        ("ann", "ann@ann.example", []),
        ("Ann Lee", "hey @ann lee.", ["@ann lee"]),
        ("🦊", "@🦊 hi", ["@🦊"]),
        ("ann", "＠ann", ["＠ann"]),
    ],
)
def test_mentions_are_where_the_client_finds_them(name: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in mentions_in(name, text)] == found
    assert is_mentioned(name, text) == bool(found)


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("отчет", "Отчёт и ОТЧЕТ", ["Отчёт", "ОТЧЕТ"]),
        ("é", "cafe\u0301 e", ["e\u0301"]),
        ("ﬁ", "find", ["fi"]),
        ("aa", "aaaa", ["aaaa"]),
        ("no", "yes", []),
        ("", "yes", []),
    ],
)
def test_hits_are_where_the_search_finds_them(words: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in hits_in(words, text)] == found


@pytest.mark.parametrize("text", ["🎉", "🎉 🎉", "👩‍🚀👍🏽", "🇩🇪", "❤️", "1️⃣", "👌", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⭐"])
def test_emoji_alone(text: str) -> None:
    assert is_emoji_only(text)


@pytest.mark.parametrize("text", ["", " ", "ok 👌", "1", "✓", "🎉" * 7, "🎉\n🎉", "a🎉"])
def test_not_emoji_alone(text: str) -> None:
    assert not is_emoji_only(text)
