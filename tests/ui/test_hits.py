"""Hits are marked where the index of the search finds them."""

import pytest

from messenger.ui.hits import Part, excerpt, parts


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Привет, ПРИВЕТ", "привет", ["Привет", "ПРИВЕТ"]),
        ("Отче\u0308т готов", "отчёт", ["Отче\u0308т"]),
        ("die Straße", "STRASSE", ["Straße"]),
        ("№ 5", "no", ["№"]),
        ("\u1100\u1161\u11a8하", "각", ["\u1100\u1161\u11a8"]),
        ("чай 🎈", "🎈", ["🎈"]),
        ("чай", "кофе", []),
    ],
)
def test_variants_are_found_as_the_index_finds_them(
    text: str, words: str, found: list[str]
) -> None:
    assert [part.text for part in parts(text, words) if part.is_hit] == found


def test_the_parts_of_a_text_are_the_text() -> None:
    text = "Отчёт № 1, отчет"

    assert "".join(part.text for part in parts(text, "отчет")) == text
    assert [part for part in parts(text, "отчет") if part.is_hit] == [
        Part("Отчёт", is_hit=True),
        Part("отчет", is_hit=True),
    ]


def test_two_hits_in_one_character_are_one_part() -> None:
    assert parts("㏘ x", "m")[0] == Part("㏘", is_hit=True)


def test_an_excerpt_has_the_first_hit_in_sight() -> None:
    text = "слово " * 100 + "\nОтчёт готов"

    found = excerpt(text, "отчет")

    assert [part.is_hit for part in found] == [False, False, True, False]
    assert "".join(part.text for part in found) == "…слово Отчёт готов"
    assert excerpt("короткий отчёт", "отчет")[0].text == "короткий "
    assert excerpt("нет", "отчет") == [Part("нет", is_hit=False)]
