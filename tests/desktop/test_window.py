"""The main window against a server in another process, used as a user does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from messenger.desktop.conversations.panel import CONTACTS
from messenger.desktop.main_window import MainWindow
from messenger.desktop.people.finder_dialog import FinderDialog
from messenger.desktop.security.verification import VerificationDialog
from messenger.sdk.store import IdentityTrust, MessageState
from tests.desktop.hands import Hands
from tests.desktop.people import People, Person
from tests.desktop.typing import type_text
from tests.running import RunningServer, running, until

Windows = Callable[[Person], MainWindow]


@pytest.fixture
def hands(window: Windows, qtbot: QtBot) -> Callable[[Person], Hands]:
    """Use a person's window: `hands(person("ann"))`."""
    return lambda whose: Hands(window(whose), qtbot)


def test_a_contact_is_added_and_written_to(
    person: People, hands: Callable[[Person], Hands], qtbot: QtBot
) -> None:
    """From an empty list to a talk in both directions."""
    ann, bob = person("ann"), person("bob")
    ui = hands(ann)
    panel = ui.window.conversations

    ui.choose(panel.new_button, "Add a contact…")
    dialog = ui.dialog(FinderDialog)
    type_text(dialog.edit, bob.name)
    ui.wait(lambda: bob.name in [name for name, _text in dialog.found])
    ui.key(Qt.Key.Key_Return, widget=dialog.edit)
    ui.wait_until_closed(dialog)
    panel.show_page(CONTACTS)
    ui.double_click(panel.contacts.list, bob.name)

    assert ui.window.controller.current == bob.name
    ui.write("Привет, Боб 👋")
    until(lambda: bob.heard(ann.name) == ["Привет, Боб 👋"])
    ui.see("Привет, Боб 👋")
    ui.wait(lambda: ui.window.model.messages[-1].state is MessageState.DELIVERED)
    bob.say(ann.name, "Hello, Ann")
    ui.see("Hello, Ann")
    assert ui.spoken()[-1].startswith(f"{bob.name}, ")
    assert ui.spoken()[-1].endswith(": Hello, Ann")


def test_a_double_click_opens_a_chat_with_what_is_new_in_it(
    person: People, hands: Callable[[Person], Hands]
) -> None:
    ann, bob = person("ann"), person("bob")
    ui = hands(ann)
    for number in range(3):
        bob.say(ann.name, f"message {number}")
    listed = ui.window.conversations.model.conversations
    ui.wait(lambda: bob.name in listed.rows and listed.rows[bob.name].unread == 3)

    ui.open(bob.name)

    ui.see("message 2")
    assert ui.spoken()[0].count("New messages") == 1
    ui.wait(lambda: listed.rows[bob.name].unread == 0)
    until(lambda: bob.do(lambda c: c.store.page(ann.name))[-1].state is MessageState.READ)


def test_search_goes_from_hit_to_hit(person: People, hands: Callable[[Person], Hands]) -> None:
    ann, bob = person("ann"), person("bob")
    for text in ("the first plan", "something else", "the second plan", "good night"):
        bob.say(ann.name, text)
    ui = hands(ann)
    ui.open(bob.name)
    ui.see("good night")

    ui.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = ui.window.search
    ui.wait(bar.isVisible)
    type_text(bar.field, "plan")
    ui.wait(lambda: bar.count.text() == "1 of 2")
    ui.key(Qt.Key.Key_Return, widget=bar.field)

    ui.wait(lambda: bar.count.text() == "2 of 2")
    ui.key(Qt.Key.Key_Escape, widget=bar.field)
    ui.wait(lambda: not bar.isVisible())
    assert ui.window.composer.input.hasFocus()


def test_two_people_verify_each_other_by_emoji(
    person: People, hands: Callable[[Person], Hands]
) -> None:
    ann, bob = person("ann"), person("bob")
    ann.say(bob.name, "hello")
    until(lambda: bob.heard(ann.name))
    ui = hands(ann)
    ui.open(bob.name)

    ui.window.actions_of.verify(bob.name)
    dialog = ui.dialog(VerificationDialog)
    ui.click("Compare emoji", dialog)
    until(lambda: bob.do(lambda c: c.keys.verification(ann.name)) is not None)
    bob.do(lambda client: client.keys.request_verification(ann.name))
    ui.click("They match", dialog)
    until(lambda: _emoji_of(bob, ann) != ())
    bob.do(lambda client: client.keys.agree(ann.name))

    ui.click("Done", dialog)
    until(lambda: bob.do(lambda c: c.keys.trust_of(ann.name)) is IdentityTrust.VERIFIED)
    assert ann.do(lambda c: c.keys.trust_of(bob.name)) is IdentityTrust.VERIFIED
    ui.wait(lambda: "encrypted, verified" in ui.window.chat.head.title.accessibleName())


def _emoji_of(one: Person, other: Person) -> tuple[int, ...]:
    found = one.do(lambda client: client.keys.verification(other.name))
    return found.emoji if found is not None else ()


def test_what_is_written_offline_goes_out_when_the_server_is_back(
    person: People, hands: Callable[[Person], Hands], stoppable: RunningServer
) -> None:
    """The server is stopped, and started again on the same port."""
    ann, bob = person("ann", stoppable.port), person("bob", stoppable.port)
    ann.say(bob.name, "before")
    until(lambda: bob.heard(ann.name) == ["before"])
    ui = hands(ann)
    ui.open(bob.name)
    ui.see("before")

    stoppable.stop()
    ui.wait(ui.window.connection.isVisible)
    assert ui.window.connection.text.startswith("No connection")
    ui.write("while away")
    ui.see("while away")
    assert ui.window.model.messages[-1].state is MessageState.UNSENT
    stoppable.start()
    ui.click("Try now")  # or it has tried by itself

    ui.wait(lambda: ui.window.model.messages[-1].state is not MessageState.UNSENT)
    ui.wait(lambda: not ui.window.connection.isVisible())
    bob.do(lambda client: client.try_now())
    until(lambda: bob.heard(ann.name) == ["before", "while away"])


@pytest.fixture
def stoppable(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own."""
    data = tmp_path / "server"
    data.mkdir()
    with running(data, "--limits", "off") as server:
        yield server
