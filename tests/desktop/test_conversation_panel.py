"""The panel on the left shows what happens at a real server, and opens what the user wants."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from messenger.desktop.conversations.panel import CONTACTS, ConversationsPanel
from messenger.desktop.name_list import NameList
from messenger.windows.widgets.question import Question
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text


def panel_of(qtbot: QtBot, whose: Person, current: str = "#all") -> ConversationsPanel:
    panel = ConversationsPanel(whose.bridge, current)
    qtbot.addWidget(panel)
    panel.resize(330, 600)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: "#all" in panel.model.conversations.rows)
    return panel


def spoken(panel: ConversationsPanel, name: str) -> str:
    role = Qt.ItemDataRole.AccessibleTextRole
    return str(panel.model.data(panel.model.index_of(name), role))


def click(qtbot: QtBot, shown: NameList, name: str, *, twice: bool = False) -> None:
    model = shown.model()
    assert model is not None
    index = model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, name)[0]
    place = shown.visualRect(index).center()
    qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)
    if twice:
        qtbot.mouseDClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)


def entry(menu: QMenu, title: str) -> None:
    """Do what an entry of a menu does."""
    found = {action.text(): action for action in menu.actions()}
    found[title].trigger()
    menu.deleteLater()


def choose(panel: ConversationsPanel, name: str, title: str) -> None:
    entry(panel.actions_of.menu(panel.model.row(name)), title)


def test_a_message_brings_its_conversation_to_the_top_with_a_count(
    qtbot: QtBot, person: People
) -> None:
    ann, bob = person("ann"), person("bob")
    panel = panel_of(qtbot, ann)
    bob.say(ann.name, "tea?")

    qtbot.waitUntil(lambda: bob.name in panel.names and "1 unread" in spoken(panel, bob.name))
    assert panel.model.names[0] == bob.name
    assert "tea?" in spoken(panel, bob.name)
    choose(panel, bob.name, "Mark as read")
    qtbot.waitUntil(lambda: "unread" not in spoken(panel, bob.name))


def test_pins_and_mutes_of_the_menu_are_stored_and_shown(qtbot: QtBot, person: People) -> None:
    ann = person("ann", online=False)
    ann.say("zoe", "hi")
    panel = panel_of_offline(qtbot, ann, "zoe")

    choose(panel, "zoe", "Pin to the top")
    qtbot.waitUntil(lambda: "pinned" in spoken(panel, "zoe"))
    mutes = panel.actions_of.menu(panel.model.row("zoe"))
    submenu = next(one for one in mutes.actions() if one.text() == "Mute").menu()
    assert submenu is not None
    entry(submenu, "For an hour")
    qtbot.waitUntil(lambda: "muted" in spoken(panel, "zoe"))
    choose(panel, "zoe", "Unmute")
    qtbot.waitUntil(lambda: "muted" not in spoken(panel, "zoe"))
    choose(panel, "zoe", "Unpin")
    qtbot.waitUntil(lambda: "pinned" not in spoken(panel, "zoe"))


def panel_of_offline(qtbot: QtBot, whose: Person, has: str) -> ConversationsPanel:
    """Show a panel; a client that has not started tells changes only once it has."""
    whose.do(lambda client: client.start())
    panel = ConversationsPanel(whose.bridge)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: has in panel.model.conversations.rows)
    return panel


def test_a_click_enter_and_a_double_click_open(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    bob.say(ann.name, "tea?")
    panel = panel_of(qtbot, ann)
    qtbot.waitUntil(lambda: bob.name in panel.model.names)

    with qtbot.waitSignal(panel.opened) as opened:
        click(qtbot, panel.list, bob.name)
    assert opened.args == [bob.name]
    panel.show_open(bob.name)
    assert panel.model.row(bob.name).is_open
    opens: list[str] = []
    panel.opened.connect(opens.append)
    click(qtbot, panel.list, "#all", twice=True)
    assert opens == ["#all", "#all"]
    with qtbot.waitSignal(panel.opened) as opened:
        press(panel.list, Qt.Key.Key_Return)
    assert opened.args == ["#all"]


def test_a_double_click_on_a_found_row_opens_no_other(qtbot: QtBot, person: People) -> None:
    ann = person("ann", online=False)
    for name in ("zoe", "bob", "Мария"):
        ann.say(name, "hi")
    panel = panel_of_offline(qtbot, ann, "bob")
    opens: list[str] = []
    panel.opened.connect(opens.append)
    panel.opened.connect(panel.show_open)

    type_text(panel.field, "zo")
    click(qtbot, panel.list, "zoe", twice=True)

    assert set(opens) == {"zoe"}


def test_the_filter_is_left_downwards_emptied_and_opens_the_first(
    qtbot: QtBot, person: People
) -> None:
    ann = person("ann", online=False)
    for name in ("Мария", "Марк", "bob"):
        ann.say(name, "hi")
    panel = panel_of_offline(qtbot, ann, "bob")
    panel.field.setFocus()

    type_text(panel.field, "мар")
    assert sorted(panel.model.names) == ["Мария", "Марк"]
    press(panel.field, Qt.Key.Key_Down)
    assert panel.list.hasFocus()
    assert panel.list.current_name == panel.model.names[0]
    press(panel.list, Qt.Key.Key_Up)
    assert panel.field.hasFocus()
    with qtbot.waitSignal(panel.opened) as opened:
        press(panel.field, Qt.Key.Key_Return)
    assert opened.args is not None
    assert opened.args[0].startswith("Мар")
    assert panel.field.text() == ""
    type_text(panel.field, "bo")
    press(panel.field, Qt.Key.Key_Escape)
    assert panel.field.text() == ""
    assert len(panel.model.names) >= 4


def test_enter_with_nothing_found_looks_for_people(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    panel = panel_of(qtbot, ann)

    type_text(panel.field, bob.name)
    press(panel.field, Qt.Key.Key_Return)
    from messenger.desktop.people.finder_dialog import FinderDialog

    dialog = panel.findChild(FinderDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: [name for name, _line in dialog.found] == [bob.name])
    with qtbot.waitSignal(panel.opened) as opened:
        press(dialog.edit, Qt.Key.Key_Return)
    assert opened.args == [bob.name]


def test_somebody_who_types_is_shown(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    bob.say(ann.name, "tea?")
    panel = panel_of(qtbot, ann)
    qtbot.waitUntil(lambda: "tea?" in spoken(panel, bob.name))

    bob.do(lambda client: client.typing(ann.name))

    qtbot.waitUntil(lambda: "typing…" in spoken(panel, bob.name))
    bob.say(ann.name, "or coffee?")
    qtbot.waitUntil(lambda: "or coffee?" in spoken(panel, bob.name))


def test_a_room_is_left_after_a_question_and_a_closed_one_stays_marked(
    qtbot: QtBot, person: People, name: Callable[[str], str]
) -> None:
    ann, bob = person("ann"), person("bob")
    cafe, tea = name("#cafe"), name("#tea")
    for room in (cafe, tea):
        bob.do(lambda client, room=room: client.join(room))
        ann.do(lambda client, room=room: client.join(room))
    panel = panel_of(qtbot, ann)
    qtbot.waitUntil(lambda: {cafe, tea} <= set(panel.model.names))

    choose(panel, tea, "Leave the room…")
    question = panel.findChild(Question)
    assert question is not None
    with qtbot.waitSignal(panel.left) as left:
        question.yes.click()
    assert left.args == [tea]
    bob.do(lambda client: client.close_room(cafe))
    qtbot.waitUntil(lambda: "closed for good" in spoken(panel, cafe))
    stored: list[None] = []
    ann.bridge.write(lambda _client: None, stored.append, owner=panel)  # behind what is written
    qtbot.waitUntil(lambda: bool(stored))
    again = panel_of(qtbot, ann)
    qtbot.waitUntil(lambda: "closed for good" in spoken(again, cafe))


def test_the_pages_are_switched_by_the_tabs(qtbot: QtBot, person: People) -> None:
    panel = panel_of(qtbot, person("ann"))

    panel.tabs.setCurrentIndex(CONTACTS)

    assert panel.contacts.isVisible()
    assert not panel.list.isVisible()
    assert panel.shown_list is panel.contacts.list


def test_what_a_dialog_finds_is_shown_in_its_place_in_the_list(
    qtbot: QtBot, person: People
) -> None:
    """A new room, say, while the contacts are listed."""
    panel = panel_of(qtbot, person("ann"))
    panel.show_page(CONTACTS)
    dialog = panel.switch()
    qtbot.waitUntil(lambda: dialog.list.current_name == "#all")
    with qtbot.waitSignal(panel.opened) as opened:
        press(dialog.edit, Qt.Key.Key_Return)
    assert opened.args == ["#all"]
    assert panel.shown_list is panel.list
