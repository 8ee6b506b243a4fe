"""What the line client shows is parted between words, at the width of the terminal."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from messenger.console.wrapping import wrapped
from tests.console.terminal import Terminal
from tests.running import Talker, running

words = st.text("абв名🙂%.", min_size=1, max_size=30)


@given(st.integers(0, 8), st.lists(words, min_size=1, max_size=40), st.integers(20, 120))
def test_no_row_is_wider_than_the_terminal_and_no_word_is_parted(
    indent: int, text: list[str], width: int
) -> None:
    first, *others = wrapped(" " * indent + " ".join(text), width).split("\n")

    assert [word for row in (first, *others) for word in row.split()] == text
    assert all(cell_len(row) <= width or len(row.split()) == 1 for row in (first, *others))
    assert all(row.startswith(" " * max(4, indent)) for row in others)


def test_words_stay_whole_at_a_terminal_of_80_columns(tmp_path: Path) -> None:
    text = "Длинное сообщение, в котором слова, слова, слова, " * 6
    with running(tmp_path / "server") as server, Talker(server.port) as link:
        link.guest("Анна-Мария")
        with Terminal(
            *("127.0.0.1", str(server.port), "-n", "Ёж", "--guest", "--lines"),
            data=tmp_path,
            size=(80, 40),
        ) as terminal:
            terminal.expect("Now in #all.")
            link.ask("msg", to="#all", message=text + "конец")
            terminal.type("/help recovery")
            shown = terminal.expect("конец", "/recovery")

    rows = " ".join(shown.split()).partition("(guest): ")[2]
    assert rows.startswith(text + "конец")
