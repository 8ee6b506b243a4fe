"""The panel about a person: presence, safety, contact, devices."""

from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal

from messenger.desktop.bridge import Bridge
from messenger.desktop.people.blocks import KnownBlocks, ask_to_block, unblock
from messenger.desktop.people.device_rows import DeviceRows
from messenger.desktop.people.mute_button import MuteButton
from messenger.desktop.people.panel_parts import ActionButton, Card, Panel, Portrait
from messenger.desktop.people.trusts import KnownTrusts
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import ContactsChanged, SummariesChanged
from messenger.sdk.results import ContactChanged, Person
from messenger.sdk.store import ConversationSummary, IdentityTrust
from messenger.ui.conversation_lines import presence_text
from messenger.ui.errors import explain
from messenger.ui.people import add_contact
from messenger.ui.wording import shown_name
from messenger.windows.widgets.buttons import LinkButton
from messenger.windows.widgets.labels import section

_SAFETY: dict[IdentityTrust, tuple[str, str, str]] = {
    IdentityTrust.UNKNOWN: (
        "shield", "soft", N_("{name} has not used an app with encryption yet."),
    ),
    IdentityTrust.UNVERIFIED: (
        "lock-simple", "soft",
        N_("Encrypted, not verified. Compare the safety number with {name} to be sure."),
    ),
    IdentityTrust.VERIFIED: (
        "shield-check", "good", N_("Verified: you have compared the safety number with {name}."),
    ),
    IdentityTrust.CHANGED: (
        "shield-warning", "bad",
        N_("{name}'s security keys have changed since you verified them; sending is blocked."),
    ),
}  # fmt: skip
"""Icon, colour and untranslated sentence."""


class PersonPanel(Panel):
    """Shows a person, and what can be done.

    Signals: `opened`, to write to them; `verify_wanted` and `report_wanted`, the name.
    """

    opened = pyqtSignal(str)
    verify_wanted = pyqtSignal(str)
    report_wanted = pyqtSignal(str)

    def __init__(self, bridge: Bridge, name: str) -> None:
        super().__init__(_("Information about {name}", name=shown_name(name)))
        self.name = name
        self._bridge = bridge
        self._is_contact = False
        self._person = Person(name)
        self.portrait = Portrait(name)
        self.safety = Card()
        self.verify = LinkButton(_("Verify…"))
        self.write = ActionButton("chat-circle", _("Write"), _("Write a message"))
        self.contact = ActionButton("user-plus", _("Add"), _("Add to contacts"))
        self.mute = MuteButton(bridge, name)
        self.devices = DeviceRows(bridge, name)
        self.block = LinkButton(_("Block…"))
        self.report = LinkButton(_("Report…"))
        self._blocks = KnownBlocks(bridge, self)
        self._trusts = KnownTrusts(bridge, self)
        self._build()
        self.verify.clicked.connect(lambda: self.verify_wanted.emit(name))
        self.write.clicked.connect(lambda: self.opened.emit(name))
        self.contact.clicked.connect(self._change_contact)
        self._trusts.changed.connect(self._show_trust)
        self.block.clicked.connect(self._change_block)
        self.report.clicked.connect(lambda: self.report_wanted.emit(name))
        self._blocks.changed.connect(lambda _names: self._show_block())
        bridge.happened.connect(self._take)
        self._show_trust()
        self._show_block()
        self._load()

    def _build(self) -> None:
        self.safety.body.addWidget(self.verify, 0, Qt.AlignmentFlag.AlignLeft)
        self.add(self.portrait)
        self.add(self.write, self.mute, self.contact)
        self.add(self.safety)
        self.add(section(_("Devices")))
        self.add(self.devices)
        self.add(self.block, self.report)
        self.fill()
        if self.name == self._bridge.me:
            of_others = (self.safety, self.contact, self.mute, self.write, self.block, self.report)
            for widget in of_others:
                widget.hide()

    def _load(self) -> None:
        self._trusts.load()
        self._bridge.read(lambda client: client.summaries([self.name]), self._show_rows, owner=self)
        self._bridge.read(_contacts, self._show_contacts, owner=self)
        # Offline the last that is known stays: no error, the window says that it is offline.
        self._bridge.request(
            lambda client: client.whois(self.name),
            self._show_person,
            owner=self,
            failed=lambda error: self.show_error(explain(error)),
        )

    # --- what is shown ---------------------------------------------------------------------------

    def _show_person(self, person: Person) -> None:
        self._person = person
        line = _("guest") if person.guest else presence_text(person)
        self.portrait.show_lines(line, visible(person.status))

    def _show_contacts(self, contacts: list[Person]) -> None:
        known = next((one for one in contacts if one.account_name == self.name), None)
        self._is_contact = known is not None
        if known is None:
            self.contact.say("user-plus", _("Add"), _("Add to contacts"))
        else:
            self.contact.say("user-minus", _("Remove"), _("Remove from contacts"))
        self.contact.setEnabled(True)
        if known is not None and not self.portrait.line:
            self._show_person(known)

    def _show_rows(self, rows: list[ConversationSummary]) -> None:
        self.mute.show_row(rows[0] if rows else None)

    def _show_trust(self) -> None:
        trust = self._trusts.of(self.name)
        icon_name, colour, words = _SAFETY[trust]
        self.safety.say(icon_name, colour, _(words, name=shown_name(self.name)))
        is_verified = trust is IdentityTrust.VERIFIED
        self.verify.setText(_("Compare again…") if is_verified else _("Verify…"))
        self.verify.setVisible(trust is not IdentityTrust.UNKNOWN)

    def _show_block(self) -> None:
        is_blocked = self.name in self._blocks.names
        self.block.setText(_("Unblock") if is_blocked else _("Block…"))
        self.block.setEnabled(True)

    # --- what happens ----------------------------------------------------------------------------

    def _take(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, SummariesChanged):
                if rows := [row for row in event.summaries if row.name == self.name]:
                    self._show_rows(rows)
            elif isinstance(event, ContactChanged):
                if event.person.account_name == self.name:
                    self._show_person(event.person)
            elif isinstance(event, ContactsChanged):
                self._bridge.read(_contacts, self._show_contacts, owner=self)

    def _change_contact(self) -> None:
        self.show_error("")
        self.contact.setEnabled(False)
        is_contact = self._is_contact

        def change(client: Client) -> None:
            if is_contact:
                client.remove_contact(self.name)
            else:
                add_contact(client, self.name)

        # `ContactsChanged` shows what has come of it.
        self._bridge.request(change, owner=self, failed=self._contact_failed)

    def _change_block(self) -> None:
        self.show_error("")
        if self.name in self._blocks.names:
            self.block.setEnabled(False)
            unblock(self._bridge, self, self.name, failed=self._block_failed)
        else:
            ask_to_block(self._bridge, self, self.name, failed=self._block_failed)

    def _block_failed(self, error: Exception) -> None:
        self._show_block()
        self.show_error(explain(error))

    def _contact_failed(self, error: Exception) -> None:
        self.contact.setEnabled(True)
        self.show_error(explain(error))


def _contacts(client: Client) -> list[Person]:
    return client.people.contacts()
