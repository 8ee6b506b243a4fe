"""What a window shows fits a narrow one, has names, and a tab order from top to bottom."""

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.conversations.panel import CONTACTS, ConversationsPanel
from messenger.desktop.people import searches
from messenger.desktop.people.person_panel import PersonPanel
from messenger.desktop.people.room_panel import RoomPanel
from messenger.desktop.security.verification import VerificationDialog
from messenger.windows.look.theme import theme
from tests.desktop.checking import faults
from tests.desktop.people import People, Person

_NARROWEST = 360
_LOWEST = 480

Make = Callable[[Person, str, str, QWidget], QWidget]


def _contacts(ann: Person, _bob: str, _room: str, _parent: QWidget) -> QWidget:
    panel = ConversationsPanel(ann.bridge)
    panel.show_page(CONTACTS)
    return panel


_MADE: dict[str, Make] = {
    "conversations": lambda ann, _bob, _room, _parent: ConversationsPanel(ann.bridge),
    "contacts": _contacts,
    "a person": lambda ann, bob, _room, _parent: PersonPanel(ann.bridge, bob),
    "a room": lambda ann, _bob, room, _parent: RoomPanel(ann.bridge, room),
    "verification": lambda ann, bob, _room, parent: VerificationDialog(ann.bridge, bob, parent),
    "emoji": lambda ann, bob, _room, parent: VerificationDialog(
        ann.bridge, bob, parent, compares_emoji=True
    ),
    "switcher": lambda ann, bob, _room, parent: searches.switch(ann.bridge, [bob], parent),
    "new chat": lambda ann, bob, _room, parent: searches.new_chat(ann.bridge, [bob], parent),
    "new room": lambda ann, bob, _room, parent: searches.new_room(ann.bridge, [bob], parent),
    "add a contact": lambda ann, _bob, _room, parent: searches.add_contact(ann.bridge, parent),
}


@pytest.fixture(autouse=True)
def _usual_size(qapp: QApplication) -> Iterator[None]:
    theme.apply("light")
    yield
    theme.apply("light")


@pytest.mark.parametrize("what", _MADE)
def test_it_fits(qtbot: QtBot, person: People, name: Callable[[str], str], what: str) -> None:
    ann, bob = person("ann"), person("bob")
    room = name("#room")
    ann.do(lambda client: client.join(room))
    ann.do(lambda client: client.add_contact(bob.name))
    ann.say(bob.name, "hello")
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(_NARROWEST, _LOWEST)
    window.show()
    made = _MADE[what](ann, bob.name, room, window)
    if made.parent() is None:
        qtbot.addWidget(made)
        made.resize(_NARROWEST, _LOWEST)
    made.show()
    qtbot.waitUntil(lambda: not ann.bridge._tasks)  # until all is shown that was asked for
    for scale in (1.0, 1.5):
        theme.apply("light", scale)
        assert made.width() <= _NARROWEST
        qtbot.waitUntil(lambda: faults(made) == [])  # once it has laid itself out anew
