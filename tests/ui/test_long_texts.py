"""Only texts that take too long to lay out are cut."""

from messenger.ui.long_texts import beginning, can_be_edited


def test_honest_texts_are_shown_as_a_whole() -> None:
    for text in ("", "hi", "😀" * 400, "слово " * 3000, "a line\n" * 1000):
        assert beginning(text) == text


def test_others_are_cut_by_the_time_that_they_take() -> None:
    assert len(beginning("x" * 10**6)) == 20_000
    assert len(beginning("\n" * 10**6)) == 2_000
    assert len(beginning("😀" * 10**6)) == 500


def test_what_takes_long_at_each_key_cannot_be_edited() -> None:
    for text in ("", "слово " * 30_000, "x" * 16_000, "a\n" * 100_000, "😀" * 2_000):
        assert can_be_edited(text)
    for text in ("x" * 200_001, "x" * 50_000, "😀" * 16_000, "word " * 50_000):
        assert not can_be_edited(text)
