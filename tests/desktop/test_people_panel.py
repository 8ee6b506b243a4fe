"""The panel about a person says who it is, and how safe it is to write to them."""

from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from messenger.desktop.people.person_panel import PersonPanel
from tests.desktop.people import People, Person


def panel_about(qtbot: QtBot, whose: Person, name: str) -> PersonPanel:
    panel = PersonPanel(whose.bridge, name)
    qtbot.addWidget(panel)
    panel.resize(320, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_presence_devices_and_contact_are_shown_and_change(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    panel = panel_about(qtbot, ann, bob.name)

    qtbot.waitUntil(lambda: panel.portrait.line == "online")
    qtbot.waitUntil(lambda: len(panel.devices.findChildren(QLabel, "mono")) == 1)
    panel.contact.click()
    qtbot.waitUntil(lambda: panel.contact.accessibleName() == "Remove from contacts")
    bob.do(lambda client: client.set_status("", away=True))
    qtbot.waitUntil(lambda: panel.portrait.line == "away")
    panel.contact.click()
    qtbot.waitUntil(lambda: panel.contact.accessibleName() == "Add to contacts")


def test_trust_is_said_and_changes_with_the_verification(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    panel = panel_about(qtbot, ann, bob.name)
    qtbot.waitUntil(lambda: panel.safety.words.startswith("Encrypted, not verified."))

    with qtbot.waitSignal(panel.verify_wanted) as wanted:
        panel.verify.click()
    assert wanted.args == [bob.name]
    ann.do(lambda client: client.keys.verify(bob.name))
    qtbot.waitUntil(lambda: panel.safety.words.startswith("Verified:"))


def test_a_mute_is_stored_and_ended(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    bob.say(ann.name, "hi")
    panel = panel_about(qtbot, ann, bob.name)
    menu = panel.mute.menu()
    assert menu is not None
    qtbot.waitUntil(lambda: bool(ann.do(lambda client: client.summaries([bob.name]))))

    menu.actions()[2].trigger()
    qtbot.waitUntil(lambda: panel.mute.accessibleName() == "Unmute: muted for good")
    panel.mute.click()
    qtbot.waitUntil(lambda: panel.mute.accessibleName() == "Mute")


def test_a_name_that_does_not_exist_is_told_in_the_panel(qtbot: QtBot, person: People) -> None:
    panel = panel_about(qtbot, person("ann"), "nobody")

    qtbot.waitUntil(lambda: "nobody" in panel._error.text())


def test_nobody_verifies_or_mutes_oneself(qtbot: QtBot, person: People) -> None:
    ann = person("ann")
    panel = panel_about(qtbot, ann, ann.name)

    qtbot.waitUntil(lambda: panel.portrait.line == "online")
    assert not panel.verify.isVisible()
    assert not panel.mute.isVisible()
