"""How messages look: without a screen, line by line."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from messenger.console.screen.colours import DARK, LIGHT, NameColours
from messenger.console.screen.driver import Answers
from messenger.console.screen.layout import (
    CommandOutput,
    Line,
    Look,
    lay_out,
    lay_out_output,
    links_in,
)
from messenger.sdk.store import MessageSecurity, MessageState, StoredMessage
from messenger.ui.timeline import Note, arranged

ME = "Иван"


def said(number: int, sender: str, text: str, **values: object) -> StoredMessage:
    """A message that was received, a second after the one before."""
    message = StoredMessage(
        number, "#кафе", number, None, sender, text, "", 1_000.0 + number, MessageState.RECEIVED,
        "", guest=False, security=MessageSecurity.ENCRYPTED, stored=1_000.0 + number,
    )  # fmt: skip
    return message._replace(**values)


def look(**values: object) -> Look:
    return Look(60, ME, NameColours(ME))._replace(**values)


def laid_out(
    messages: Sequence[StoredMessage], look: Look, notes: Sequence[Note] = ()
) -> list[Line]:
    return lay_out(arranged(messages, ME, notes=notes), look)


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text.plain.rstrip() for line in lines]


def heads(lines: Sequence[Line]) -> list[str]:
    return [text for text in texts(lines) if text and text[0] not in " ─"]


def test_somebody_called_you_does_not_look_like_oneself() -> None:
    lines = laid_out([said(1, "you", "a"), said(2, ME, "b"), said(3, "вы", "c")], look())

    assert heads(lines) == ["you", ME, "вы"]


def test_a_notice_ends_a_group() -> None:
    note = Note(1, 1_001.5, "eve has joined #кафе")
    lines = laid_out([said(1, "bob", "one"), said(2, "bob", "two")], look(), notes=[note])

    assert heads(lines) == ["bob", "bob"]
    assert "  · eve has joined #кафе" in texts(lines)


def test_a_notice_stands_below_what_was_written_before_it_and_comes_later() -> None:
    note = Note(0, 1_002.5, "to be seen")
    lines = laid_out(
        [said(1, "a", "1"), said(2, "a", "2"), said(3, "a", "3")], look(), notes=[note]
    )

    shown = texts(lines)
    assert shown.index("  · to be seen") > [text.split()[:1] for text in shown].index(["2"])
    assert shown.index("  · to be seen") < [text.split()[:1] for text in shown].index(["3"])


def test_what_is_not_encrypted_is_marked_where_the_rest_is() -> None:
    plain = said(1, "gus", "read by the server", security=MessageSecurity.UNENCRYPTED)

    assert "🔓" in "".join(texts(laid_out([plain], look(encrypted=True))))
    assert "🔓" not in "".join(texts(laid_out([plain], look(encrypted=False))))
    assert "🔓" not in "".join(texts(laid_out([said(1, "bob", "x")], look(encrypted=True))))


def test_the_time_of_each_message_stands_at_the_right() -> None:
    lines = laid_out([said(1, "b", "one"), said(2, "b", "two")], look())[2:]

    assert all(line.text.plain[-3] == ":" and line.text.cell_len == 60 for line in lines)


@given(st.lists(st.text(min_size=1, max_size=25), unique=True, max_size=len(DARK.names)))
def test_no_two_people_share_a_colour_while_there_are_others(names: list[str]) -> None:
    colours = NameColours(ME)
    for palette in (DARK, LIGHT):
        found = [colours.of(name, palette) for name in names if name != ME]
        assert len(set(found)) == len(found)
        assert colours.of(ME, palette) not in palette.names


@given(st.text(max_size=400), st.integers(12, 90))
def test_no_line_is_wider_than_the_screen(text: str, width: int) -> None:
    lines = laid_out([said(1, "名前", text)], look(width=width))
    lines += lay_out_output(CommandOutput("/find", text), width, DARK)

    assert all(line.text.cell_len <= max(width, 12) for line in lines)


def test_a_link_that_is_wrapped_opens_whole_and_commands_nothing() -> None:
    address = "https://example.org/" + "длинный-" * 12 + "путь"
    lines = laid_out([said(1, "bob", f"See {address}. \x1b]8;;evil\x07")], look())

    opened = {
        span.style.link
        for line in lines
        for span in line.text.spans
        if not isinstance(span.style, str) and span.style.link
    }
    assert len(opened) == 1
    assert opened == {links_in(address)[0]}
    assert all(0x20 < ord(character) < 0x7F for character in opened.pop())


@pytest.mark.parametrize("code", ["ELQCD-N4ECI-QHVJB-XUH3W-HZIHF-VUFXP-WV4ZV-AXWT2"])
def test_a_code_stands_whole_on_a_line_of_its_own(code: str) -> None:
    note = Note(0, 0, f"Write down your recovery code, which brings everything back.\n    {code}")

    assert any(text.strip() == code for text in texts(laid_out([], look(), notes=[note])))


def test_colours_can_be_told_from_the_background() -> None:
    for palette, background in ((DARK, "#121212"), (LIGHT, "#e0e0e0")):
        for colour in (
            *palette.names,
            palette.own,
            palette.open,
            palette.encrypted,
            palette.unread,
        ):
            assert contrast(colour, background) >= 4.5, colour


@given(st.integers(0, 40))
def test_an_answer_about_the_background_is_taken_out_however_it_comes(at: int) -> None:
    assume(at != 2)  # Escape is a key; no terminal stops behind it
    data = "a\x1b]11;rgb:1e1e/2020/ffff\x1b\\b"
    answers = Answers()
    first, found = answers.take(data[:at])
    second, more = answers.take(data[at:])

    assert first + second == "ab"
    assert found + more == [False]


def test_keys_are_no_answers() -> None:
    answers = Answers()

    assert answers.take("\x1b") == ("\x1b", [])
    assert answers.take("\x1b[A") == ("\x1b[A", [])
    assert answers.take("\x1b]11;rgb:ffff/ffff/ffff\x07") == ("", [True])


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2 has it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
