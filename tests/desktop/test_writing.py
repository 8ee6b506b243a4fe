"""Texts go where they were written, drafts stay with their conversations, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from messenger.desktop.writing.composer import Composer
from messenger.sdk.client import Client
from messenger.sdk.file_errors import FileUnwritable
from messenger.sdk.store import MessageState, StoredMessage
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text
from tests.running import until

Shown = Callable[[Person, str], Composer]

ENTER = Qt.Key.Key_Return


@pytest.fixture
def composer(qtbot: QtBot) -> Shown:
    """Show the composer of a person, turned to a conversation."""

    def show(whose: Person, to: str) -> Composer:
        made = Composer(whose.bridge)
        qtbot.addWidget(made)
        made.turn_to(to)
        made.resize(600, made.sizeHint().height())
        made.show()
        qtbot.waitExposed(made)
        qtbot.waitUntil(lambda: made.drafting.is_ready)
        return made

    return show


def cannot_be_written(*_arguments: object, **_options: object) -> StoredMessage:
    raise FileUnwritable(Path("messages.db"), "disk full")


def send(composer: Composer, text: str) -> None:
    type_text(composer.input, text)
    press(composer.input, ENTER, "\r")


def drafts_of(whose: Person) -> dict[str, str]:
    return whose.do(lambda client: client.drafts())


def test_a_text_is_shown_at_once_and_the_field_is_empty(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    ann = person("ann", online=False)
    shown = composer(ann, "#all")
    with qtbot.waitSignal(shown.sent) as signal:
        send(shown, "  привет \n")

    message: StoredMessage = signal.args[0]
    assert (message.text, message.state) == ("привет", MessageState.UNSENT)
    assert shown.input.text() == ""


def test_texts_keep_their_order_and_arrive(person: People, composer: Shown, qtbot: QtBot) -> None:
    ann, bob = person("ann"), person("bob")
    shown = composer(ann, bob.name)
    for number in range(5):
        send(shown, f"раз {number}")

    until(lambda: len(bob.heard(ann.name)) == 5)
    assert bob.heard(ann.name) == [f"раз {number}" for number in range(5)]


def test_typing_is_told_and_ends_with_the_text(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    ann.say(bob.name, "hi")
    until(lambda: bob.heard(ann.name) == ["hi"])
    shown = composer(ann, bob.name)

    def writers() -> set[str]:
        return bob.do(lambda client: client.people.typing.conversations())

    type_text(shown.input, "п")
    until(lambda: writers() == {ann.name})
    press(shown.input, Qt.Key.Key_Backspace)
    until(lambda: not writers())


def test_each_conversation_has_its_draft(person: People, composer: Shown, qtbot: QtBot) -> None:
    ann = person("ann", online=False)
    shown = composer(ann, "#all")
    type_text(shown.input, "не готово")
    shown.turn_to("bob")
    assert shown.input.text() == ""
    type_text(shown.input, "другое")
    shown.turn_to("#all")

    assert shown.input.text() == "не готово"
    shown.store_draft()
    until(lambda: drafts_of(ann) == {"#all": "не готово", "bob": "другое"})


def test_a_sent_text_is_no_draft_any_more(person: People, composer: Shown, qtbot: QtBot) -> None:
    ann = person("ann", online=False)
    ann.do(lambda client: client.set_draft("#all", "черновик"))
    shown = composer(ann, "#all")
    assert shown.input.text() == "черновик"

    with qtbot.waitSignal(shown.sent):
        press(shown.input, ENTER, "\r")

    until(lambda: drafts_of(ann) == {})


def test_a_draft_of_another_device_is_shown_unless_something_is_being_typed(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    ann = person("ann")
    ann.do(lambda client: client.summaries())  # From now on events tell what has changed.
    shown = composer(ann, "#all")
    ann.do(lambda client: client.set_draft("#all", "с телефона"))
    qtbot.waitUntil(lambda: shown.input.text() == "с телефона")

    type_text(shown.input, "!")
    ann.do(lambda client: client.set_draft("#all", "позже"))
    with qtbot.waitSignal(ann.bridge.happened):
        ann.do(lambda client: client.set_draft("bob", "другое"))
    assert shown.input.text() == "с телефона!"


def test_a_text_that_cannot_be_sent_comes_back_with_the_reason(
    person: People, composer: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person("ann", online=False)
    shown = composer(ann, "#all")
    monkeypatch.setattr(Client, "send_text", cannot_be_written)
    send(shown, "важное")
    type_text(shown.input, "следующее")

    qtbot.waitUntil(lambda: shown.input.text() == "важное\nследующее")
    assert "disk full" in shown.problem


def test_a_text_that_fails_elsewhere_is_the_draft_there(
    person: People, composer: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person("ann", online=False)
    shown = composer(ann, "#all")
    monkeypatch.setattr(Client, "send_text", cannot_be_written)
    with qtbot.waitSignal(ann.bridge.failed):
        send(shown, "важное")
        shown.turn_to("bob")

    assert shown.input.text() == ""
    shown.turn_to("#all")
    assert shown.input.text() == "важное"


def test_a_text_that_is_too_long_is_refused_before_it_is_sent(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    ann = person("ann")
    shown = composer(ann, "#all")
    text = "ы" * (ann.do(lambda client: client.core.outbox.longest_text or 0) + 1)
    shown.input.load(text)
    press(shown.input, ENTER, "\r")

    qtbot.waitUntil(lambda: bool(shown.problem))
    assert str(len(text)) in shown.problem
    assert shown.input.text() == text
    type_text(shown.input, "!")
    assert not shown.problem


def test_a_line_with_a_slash_is_a_command_and_two_slashes_are_a_text(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(person("ann", online=False), "#all")
    with qtbot.waitSignal(shown.command_entered) as signal:
        send(shown, "/who #all")
    assert signal.args == ["/who #all", "#all"]
    assert shown.input.text() == ""

    with qtbot.waitSignal(shown.sent) as sent:
        send(shown, "//help")
    assert sent.args[0].text == "/help"


def test_a_command_is_not_stored_at_a_pause(person: People, composer: Shown, qtbot: QtBot) -> None:
    ann = person("ann", online=False)
    shown = composer(ann, "#all")
    type_text(shown.input, "/password secret")
    shown.drafting.pause_is_over()

    ann.bridge.write(lambda _client: None, lambda _none: done.append(1), owner=shown)
    done: list[int] = []
    qtbot.waitUntil(lambda: bool(done))
    assert drafts_of(ann) == {}


def test_what_was_sent_is_recalled_in_an_empty_field(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(person("ann", online=False), "#all")
    send(shown, "раз")
    send(shown, "два")

    press(shown.input, Qt.Key.Key_Up)
    press(shown.input, Qt.Key.Key_Up)
    assert shown.input.text() == "раз"
    press(shown.input, Qt.Key.Key_Down)
    assert shown.input.text() == "два"

    type_text(shown.input, "!")
    press(shown.input, Qt.Key.Key_Up)
    assert shown.input.text() == "два!"


def test_the_lock_says_who_can_read(person: People, composer: Shown, qtbot: QtBot) -> None:
    ann, bob = person("ann"), person("bob")
    shown = composer(ann, "#all")
    assert "open to everyone" in shown.lock.accessibleName()
    assert shown.lock.toolTip() == shown.lock.accessibleName()

    ann.do(lambda client: client.summaries())
    send(shown, "всем")
    shown.turn_to(bob.name)
    send(shown, "привет")
    qtbot.waitUntil(lambda: "only you and" in shown.lock.accessibleName(), timeout=20_000)

    with qtbot.waitSignal(shown.information_wanted) as signal:
        shown.lock.click()
    assert signal.args == [bob.name]


def test_the_button_sends_and_the_field_keeps_the_focus(
    person: People, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(person("ann", online=False), "#all")
    type_text(shown.input, "привет")
    with qtbot.waitSignal(shown.sent):
        qtbot.mouseClick(shown.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.input.hasFocus)
