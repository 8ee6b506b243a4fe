"""A storm of events leaves the window usable; its own time for one turn is bounded."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from messenger.desktop.main_window import MainWindow
from messenger.desktop.people.room_panel import RoomPanel
from messenger.sdk.results import Person as Somebody
from tests.desktop.people import People, Person
from tests.desktop.storms import Blocks, Storm, raging
from tests.desktop.typing import type_text

_RATE = 1000
"""Lots of events a second."""
_SECONDS = 2.0
_LONGEST = 0.5
"""Seconds: ten times the aim, for machines that do much else. What is wrong here takes seconds."""
_PEOPLE = [f"member {number}" for number in range(5000)]

Windows = Callable[[Person], MainWindow]


@pytest.fixture
def room(name: Callable[[str], str]) -> str:
    return name("#storm")


def _rage(window: MainWindow, storm: Callable[[], object], qtbot: QtBot, seconds: float) -> Blocks:
    blocks = Blocks()
    with raging(window.bridge, storm, _RATE):
        qtbot.wait(round(seconds * 500))
        type_text(window.composer.input, "typed in the storm")
        qtbot.wait(round(seconds * 500))
    qtbot.waitUntil(lambda: not window.bridge._events, timeout=60_000)
    assert window.composer.input.text() == "typed in the storm"
    return blocks


@pytest.mark.soak
def test_a_thousand_messages_a_second_do_not_stop_the_window(
    person: People, window: Windows, room: str, qtbot: QtBot, pytestconfig: pytest.Config
) -> None:
    shown = window(person("ann", online=False))
    shown.go_to(room)
    qtbot.waitUntil(lambda: shown.pages._is_shown)
    storm = Storm(room, _PEOPLE[:300], pytestconfig.option.seed)

    blocks = _rage(shown, storm.messages, qtbot, _SECONDS * max(1, pytestconfig.option.soak))

    assert blocks.longest < _LONGEST
    assert len(shown.model.messages) <= 1000
    assert shown.model.messages[-1].seq == max(one.seq or 0 for one in shown.model.messages)


@pytest.mark.soak
def test_a_storm_of_anything_in_a_room_of_thousands_does_not_stop_the_window(
    person: People, window: Windows, room: str, qtbot: QtBot, pytestconfig: pytest.Config
) -> None:
    ann = person("ann", online=False)
    shown = window(ann)
    shown.go_to(room)
    shown.actions_of.show_information(room)
    qtbot.waitUntil(lambda: shown.pages._is_shown)
    panel = shown.side.shown
    assert isinstance(panel, RoomPanel)
    people = [Somebody(one) for one in _PEOPLE]
    panel.members._show(people)
    shown.about.people = list(people)
    shown.conversations.contacts.model.show(people)
    storm = Storm(room, _PEOPLE, pytestconfig.option.seed)

    blocks = _rage(shown, storm.anything, qtbot, _SECONDS * max(1, pytestconfig.option.soak))

    assert blocks.longest < _LONGEST
    assert len(panel.members.model.rows) == len(_PEOPLE)
