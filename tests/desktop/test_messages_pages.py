"""The open conversation is loaded page by page, and shows what happens at a real server."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.pages import ConversationPages
from messenger.desktop.messages.view import MessageView
from messenger.jim.names import EVERYONE
from messenger.sdk.store import MessageState
from messenger.ui.history import PAGE
from tests.desktop.people import People, Person

Chat = tuple[ConversationPages, MessageView, MessagesModel]


@pytest.fixture
def chat(qtbot: QtBot) -> Callable[[Person, str], Chat]:
    """Open somebody's conversation, at which the user looks, and wait until it is shown."""

    def show(whose: Person, name: str) -> Chat:
        model = MessagesModel(whose.name)
        view = MessageView(model)
        qtbot.addWidget(view)
        pages = ConversationPages(whose.bridge, view)
        view.resend_wanted.connect(pages.resend)
        view.resize(600, 500)
        view.show()
        pages.set_watched(True)
        with qtbot.waitSignal(pages.opened, timeout=20_000):
            pages.open(name)
        return pages, view, model

    return show


def texts(model: MessagesModel) -> list[str]:
    return [one.text for one in model.messages]


def say_many(whose: Person, to: str, count: int) -> None:
    def say(client: object) -> None:
        for number in range(count):
            whose.client.send_text(to, f"text {number}")

    whose.do(say)


def wait(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=30_000)


def test_messages_arrive_are_read_and_their_states_change(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    ann.say(bob.name, "привет")
    wait(qtbot, lambda: bob.heard(ann.name) == ["привет"])
    ann_pages, _view, ann_model = chat(ann, bob.name)
    _pages, _view, bob_model = chat(bob, ann.name)
    assert texts(bob_model) == ["привет"]
    assert bob_model.first_unread() == 0
    # Bob's window is active, and the message is in sight.
    wait(qtbot, lambda: ann_model.messages[0].state is MessageState.READ)

    ann_pages.written(ann.say(bob.name, "🎉"))
    wait(qtbot, lambda: texts(bob_model) == ["привет", "🎉"])
    assert texts(ann_model) == ["привет", "🎉"]
    assert bob_model.first_unread() is None  # They were seen at once.
    wait(qtbot, lambda: ann_model.messages[1].state is MessageState.READ)


def test_what_is_not_in_sight_is_not_read(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    say_many(ann, bob.name, 60)
    wait(qtbot, lambda: len(bob.heard(ann.name)) == 60)
    _pages, view, model = chat(bob, ann.name)
    bar = view.verticalScrollBar()
    assert bar is not None
    # The first unread message is in sight, the last one is not.
    assert not view.is_at_end
    ann.say(bob.name, "last")
    wait(qtbot, lambda: view.floating.jump_button.count == 1)
    assert bob.do(lambda client: client.store.summary(ann.name)).unread == 61  # type: ignore[union-attr]  # it is stored

    QTest.mouseClick(view.floating.jump_button, Qt.MouseButton.LeftButton)

    assert view.is_at_end
    assert texts(model)[-1] == "last"
    wait(
        qtbot,
        lambda: bob.do(lambda client: client.store.summary(ann.name)).unread == 0,  # type: ignore[union-attr]  # it is stored
    )


def test_what_comes_behind_a_panel_is_read_once_the_chat_is_shown_again(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    _pages, view, model = chat(bob, ann.name)
    view.hide()
    ann.say(bob.name, "hello")
    wait(qtbot, lambda: texts(model) == ["hello"])
    assert bob.do(lambda client: client.store.summary(ann.name)).unread == 1  # type: ignore[union-attr]  # it is stored

    view.show()

    wait(
        qtbot,
        lambda: bob.do(lambda client: client.store.summary(ann.name)).unread == 0,  # type: ignore[union-attr]  # it is stored
    )


def test_pages_are_loaded_in_both_directions(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann = person("ann", online=False)
    say_many(ann, "bob", 4 * PAGE)
    pages, view, model = chat(ann, "bob")
    bar = view.verticalScrollBar()
    assert bar is not None
    assert texts(model)[-1] == f"text {4 * PAGE - 1}"
    assert len(model.messages) < 3 * PAGE

    def back() -> bool:
        bar.setValue(0)
        return model.timeline.is_whole

    wait(qtbot, back)
    assert texts(model) == [f"text {number}" for number in range(4 * PAGE)]

    # Opened around an early message the end is not loaded.
    first = model.messages[30]
    with qtbot.waitSignal(pages.opened):
        pages.open("bob", first.id)
    assert model.has_newer
    assert model.message(first.id) is not None
    pages.written(ann.say("bob", "new"))
    wait(qtbot, lambda: texts(model)[-1] == "new")
    assert view.is_at_end

    with qtbot.waitSignal(pages.opened):
        pages.show_message(first)

    def forward() -> bool:
        bar.setValue(bar.maximum())
        return not model.has_newer

    wait(qtbot, forward)
    assert texts(model)[-1] == "new"
    with qtbot.assertNotEmitted(pages.opened):
        pages.show_message(model.messages[-2])


def test_older_messages_are_fetched_from_the_server(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann = person("ann")
    say_many(ann, EVERYONE, 2 * PAGE + 50)
    wait(qtbot, lambda: ann.do(lambda client: client.store.count_unsent()) == 0)
    carol = person("carol")
    _pages, view, model = chat(carol, EVERYONE)
    bar = view.verticalScrollBar()
    assert bar is not None

    def back() -> bool:
        # Away and back, as it asks when it gets there: an answer may leave it at the top.
        bar.setValue(1)
        bar.setValue(0)
        return "text 0" in texts(model)

    wait(qtbot, back)
    assert len(model.messages) >= 2 * PAGE + 50


def test_a_failed_message_is_sent_again(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann = person("ann")
    pages, view, model = chat(ann, "nobody at all")
    pages.written(ann.say("nobody at all", "anybody?"))
    wait(qtbot, lambda: model.messages[0].state is MessageState.FAILED)
    states: list[MessageState] = []
    model.dataChanged.connect(lambda: states.append(model.messages[0].state))

    view.resend_wanted.emit(model.messages[0].id)

    wait(qtbot, lambda: states[:1] == [MessageState.UNSENT] and states[-1] is MessageState.FAILED)


def test_a_conversation_without_messages_says_so(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    _pages, view, model = chat(ann, bob.name)
    wait(qtbot, lambda: view.accessibleDescription() == "No messages yet.")
    assert not view.loading.isVisible()

    bob.say(ann.name, "hello")
    wait(qtbot, lambda: texts(model) == ["hello"])


def test_changes_of_a_room_are_told_between_its_messages(
    person: People, chat: Callable[[Person, str], Chat], name: Callable[[str], str], qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    room = name("#room")
    ann.do(lambda client: client.join(room))
    _pages, _view, model = chat(ann, room)
    bob.do(lambda client: client.join(room))
    wait(qtbot, lambda: any("has joined" in row.note for row in model.rows))


def test_what_comes_while_a_conversation_is_being_opened_is_shown(
    person: People, chat: Callable[[Person, str], Chat], qtbot: QtBot
) -> None:
    ann, bob = person("ann"), person("bob")
    pages, _view, model = chat(bob, ann.name)
    for number in range(10):
        ann.say(bob.name, f"{number}")
        pages.open(ann.name)
    wait(qtbot, lambda: texts(model) == [f"{number}" for number in range(10)])
