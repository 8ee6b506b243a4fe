"""The line below the name of the open conversation."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from messenger.desktop import about as module
from messenger.desktop.about import About
from tests.desktop.people import People, Person


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presence is outdated at once."""
    monkeypatch.setattr(module, "seconds_until_old", lambda _people: 0.02)


def about(person: Person, conversation: str) -> About:
    """Return what is known of a conversation, once the client is online."""
    made = About(person.bridge, person.bridge)
    person.start()
    made.open(conversation)
    return made


def two(qtbot: QtBot, person: People) -> tuple[Person, Person, About]:
    """Return two people, and what the first is shown of the second, who is online."""
    bob, ann = person("bob"), person("ann", online=False)
    shown = about(ann, bob.name)
    qtbot.waitUntil(lambda: shown.text == "online")
    return ann, bob, shown


def test_it_follows_the_presence_of_somebody_who_is_no_contact(
    qtbot: QtBot, person: People, soon: None
) -> None:
    _ann, bob, shown = two(qtbot, person)

    bob.close()

    qtbot.waitUntil(lambda: shown.text.startswith("last seen"))


def test_it_counts_the_members_of_a_room(
    qtbot: QtBot, person: People, name: Callable[[str], str], soon: None
) -> None:
    ann, bob = person("ann", online=False), person("bob")
    room = name("#room")
    bob.do(lambda client: client.join(room))
    shown = about(ann, room)
    ann.do(lambda client: client.join(room))
    qtbot.waitUntil(lambda: shown.text == "2 members, 2 online")

    bob.close()

    qtbot.waitUntil(lambda: shown.text == "2 members, 1 online")


def test_who_is_typing_comes_first(qtbot: QtBot, person: People) -> None:
    ann, bob, shown = two(qtbot, person)

    bob.do(lambda client: client.typing(ann.name))
    qtbot.waitUntil(lambda: "typing" in shown.text)

    bob.say(ann.name, "here it is")
    qtbot.waitUntil(lambda: shown.text == "online")


def test_offline_nobody_is_said_to_be_online(qtbot: QtBot, person: People) -> None:
    ann, _bob, shown = two(qtbot, person)

    ann.do(lambda client: client._break())
    qtbot.waitUntil(lambda: shown.text == "")
