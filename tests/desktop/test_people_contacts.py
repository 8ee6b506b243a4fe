"""Contacts are added, shown with their presence, opened and removed (R25)."""

from typing import Any

from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from messenger.desktop.people.contacts import ContactsView
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text


def contacts_of(qtbot: QtBot, whose: Person) -> ContactsView:
    view = ContactsView(whose.bridge)
    qtbot.addWidget(view)
    view.resize(330, 500)
    view.show()
    qtbot.waitExposed(view)
    view.load()
    return view


def spoken(view: ContactsView, place: int = 0) -> str:
    return str(view.model.data(view.model.index(place), Qt.ItemDataRole.AccessibleTextRole))


def names(view: ContactsView) -> list[str]:
    return [row.name for row in view.model.rows]


def entry(view: ContactsView, name: str, title: str) -> Any:
    return next(one for one in view.menu(name).actions() if one.text() == title)


def test_somebody_is_added_by_name_and_opened_by_a_double_click(
    qtbot: QtBot, person: People
) -> None:
    ann, bob = person("ann"), person("bob")
    view = contacts_of(qtbot, ann)

    dialog = view.add()
    type_text(dialog.edit, bob.name[:3])
    qtbot.waitUntil(lambda: bob.name in [name for name, _line in dialog.found])
    dialog.edit.setText(bob.name)
    press(dialog.edit, Qt.Key.Key_Return)  # before the server has answered
    qtbot.waitUntil(lambda: names(view) == [bob.name])
    qtbot.waitUntil(lambda: "online" in spoken(view))
    place = view.list.visualRect(view.model.index(0)).center()
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == [bob.name]


def test_presence_follows_what_contacts_do(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    ann.do(lambda client: client.add_contact(bob.name))
    view = contacts_of(qtbot, ann)
    qtbot.waitUntil(lambda: names(view) == [bob.name])

    bob.do(lambda client: client.set_status("пью чай", away=True))
    qtbot.waitUntil(lambda: "away, пью чай" in spoken(view))
    bob.close()
    qtbot.waitUntil(lambda: "offline" in spoken(view))


def test_who_does_not_exist_is_told_in_the_dialog(qtbot: QtBot, person: People) -> None:
    view = contacts_of(qtbot, person("ann"))

    dialog = view.add()
    dialog.edit.setText("nobody at all")
    press(dialog.edit, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "nobody at all" in dialog._error.text())
    assert dialog.isVisible()
    assert dialog.edit.isEnabled()


def test_a_contact_is_removed_verified_and_looked_at_by_its_menu(
    qtbot: QtBot, person: People
) -> None:
    ann, bob = person("ann"), person("bob")
    ann.do(lambda client: client.add_contact(bob.name))
    view = contacts_of(qtbot, ann)
    qtbot.waitUntil(lambda: names(view) == [bob.name])

    with qtbot.waitSignal(view.verify_wanted):
        entry(view, bob.name, "Verify…").trigger()
    with qtbot.waitSignal(view.information_wanted):
        entry(view, bob.name, "Information").trigger()
    entry(view, bob.name, "Remove from contacts").trigger()
    qtbot.waitUntil(lambda: names(view) == [])
    assert view.list.accessibleDescription() == "No contacts yet."


def test_a_verified_contact_is_marked(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    ann.do(lambda client: client.add_contact(bob.name))
    view = contacts_of(qtbot, ann)
    qtbot.waitUntil(lambda: names(view) == [bob.name])

    ann.do(lambda client: client.keys.verify(bob.name))

    qtbot.waitUntil(lambda: ", verified" in spoken(view) or ": verified" in spoken(view))


def test_a_filter_shows_the_names_that_contain_it(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    ann.do(lambda client: client.add_contact(bob.name))
    view = contacts_of(qtbot, ann)
    qtbot.waitUntil(lambda: names(view) == [bob.name])

    view.filter("никто")
    assert names(view) == []
    assert view.list.accessibleDescription() == "Nobody found."
    view.filter(bob.name.upper())
    assert names(view) == [bob.name]
