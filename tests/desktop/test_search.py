"""Messages are found in the open conversation and in all, page by page."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QShortcut
from pytestqt.qtbot import QtBot

from messenger.desktop.search.bar import SearchBar
from messenger.desktop.search.panel import SearchPanel
from messenger.desktop.search.results import PARTS
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text

ENTER = Qt.Key.Key_Return
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def ann(person: People) -> Person:
    found = person("ann", online=False)
    for where, text in (
        ("#all", "Отчёт за год"),
        ("bob", "отчет готов"),
        ("#all", "ничего"),
        ("#all", "где ОТЧЕТ?"),
        ("#all", "вот отчёт"),
    ):
        found.say(where, text)
    return found


@pytest.fixture
def bar(ann: Person, qtbot: QtBot) -> SearchBar:
    made = SearchBar(ann.bridge)
    qtbot.addWidget(made)
    made.open_bar("#all")
    qtbot.waitExposed(made)
    made.jump_wanted.connect(lambda message: jumps(made).append(message.text))
    return made


def jumps(bar: SearchBar) -> list[str]:
    found: list[str] = bar.__dict__.setdefault("jumps", [])
    return found


def search(widget: SearchBar | SearchPanel, words: str) -> None:
    widget.field.clear()
    type_text(widget.field, words)


def test_hits_of_the_conversation_are_visited_from_the_latest_back(
    bar: SearchBar, qtbot: QtBot
) -> None:
    words: list[str] = []
    bar.words_changed.connect(words.append)
    search(bar, "отчет")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 3")
    assert words[-1] == "отчет"

    jumps(bar).clear()
    press(bar.field, ENTER)
    press(bar.field, Qt.Key.Key_F3)
    assert bar.count.text() == "3 of 3"
    press(bar.field, ENTER)
    press(bar.field, ENTER, "", SHIFT)
    bar.later.click()
    assert jumps(bar) == ["где ОТЧЕТ?", "Отчёт за год", "вот отчёт", "Отчёт за год", "где ОТЧЕТ?"]


def test_f3_belongs_to_the_bar_while_it_has_the_focus(bar: SearchBar, qtbot: QtBot) -> None:
    pressed: list[int] = []
    QShortcut(Qt.Key.Key_F3, bar.window(), lambda: pressed.append(1))
    search(bar, "отчет")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 3")

    qtbot.keyClick(bar.field, Qt.Key.Key_F3)
    assert bar.count.text() == "2 of 3"
    assert not pressed


def test_nothing_found_is_said(bar: SearchBar, qtbot: QtBot) -> None:
    search(bar, "кофе")
    qtbot.waitUntil(lambda: bar.count.text() == "Nothing found")
    assert bar.field.accessibleDescription() == "Nothing found"
    assert not bar.earlier.isEnabled()

    search(bar, "")
    assert bar.count.text() == ""


def test_more_pages_are_read_as_far_as_the_user_goes(
    ann: Person, bar: SearchBar, qtbot: QtBot
) -> None:
    def many(client: object) -> None:
        for number in range(60):
            ann.client.send_text("#all", f"чай {number}")

    ann.do(many)
    search(bar, "чай")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 50+")
    for _time in range(50):
        press(bar.field, ENTER)
    qtbot.waitUntil(lambda: bar.count.text() == "51 of 60")
    assert jumps(bar)[-1] == "чай 9"


def test_escape_or_another_conversation_ends_the_search(bar: SearchBar, qtbot: QtBot) -> None:
    words: list[str] = []
    bar.words_changed.connect(words.append)
    search(bar, "отчет")
    with qtbot.waitSignal(bar.closed):
        press(bar.field, Qt.Key.Key_Escape)
    assert bar.isHidden()
    assert words[-1] == ""

    bar.open_bar("#all")
    assert bar.field.text() == "отчет"
    bar.turn_to("#all")
    assert not bar.isHidden()
    with qtbot.waitSignal(bar.closed):
        bar.turn_to("bob")


@pytest.fixture
def panel(ann: Person, qtbot: QtBot) -> SearchPanel:
    made = SearchPanel(ann.bridge)
    qtbot.addWidget(made)
    made.resize(320, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_all_conversations_are_searched_and_hits_are_told_apart(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    search(panel, "отчёт")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4)

    row = panel.model.index(3)
    assert [part.text for part in row.data(PARTS) if part.is_hit] == ["Отчёт"]
    said = row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("#all, ")
    assert said.endswith("You: Отчёт за год")


def test_enter_and_f3_open_one_result_after_the_other(panel: SearchPanel, qtbot: QtBot) -> None:
    opened: list[str] = []
    panel.opened.connect(lambda message: opened.append(message.text))
    search(panel, "отчет")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4)

    press(panel.field, ENTER)
    press(panel.field, Qt.Key.Key_F3)
    press(panel.field, Qt.Key.Key_F3, "", SHIFT)
    assert opened == ["вот отчёт", "где ОТЧЕТ?", "вот отчёт"]

    press(panel.field, Qt.Key.Key_Down)
    press(panel.list, Qt.Key.Key_Down)
    press(panel.list, ENTER)
    assert opened[-1] == "где ОТЧЕТ?"


def test_nothing_is_marked_once_the_panel_is_closed(panel: SearchPanel, qtbot: QtBot) -> None:
    search(panel, "отчет")
    with qtbot.waitSignal(panel.words_changed) as signal:
        panel.hide()
    assert signal.args == [""]


def test_scrolling_to_the_end_reads_more(ann: Person, panel: SearchPanel, qtbot: QtBot) -> None:
    def many(client: object) -> None:
        for number in range(120):
            ann.client.send_text("bob", f"чай {number}")

    ann.do(many)
    search(panel, "чай")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 50)
    while panel.model.rowCount() < 120:
        count = panel.model.rowCount()
        panel.list.scrollToBottom()
        qtbot.waitUntil(lambda count=count: panel.model.rowCount() > count)
    assert not panel.model.canFetchMore(panel.model.index(0).parent())


def test_the_list_says_why_it_is_empty(panel: SearchPanel, qtbot: QtBot) -> None:
    assert "stored on this computer" in panel.list.accessibleDescription()
    search(panel, "кофе")
    qtbot.waitUntil(lambda: panel.list.accessibleDescription() == "No messages found.")


def test_the_next_key_ends_a_search(panel: SearchPanel, qtbot: QtBot) -> None:
    pages: list[int] = []
    panel.model.rowsInserted.connect(lambda *_rows: pages.append(panel.model.rowCount()))
    search(panel, "отчет")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4)
    assert pages[-1] == 4
    search(panel, "отчет готов")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
