"""The list of contacts: who is online, who was when, and what can be done with them."""

from functools import partial
from typing import Any

from PyQt6.QtCore import QPoint, pyqtSignal
from PyQt6.QtWidgets import QMenu, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.name_list import NameList
from messenger.desktop.people.delegate import PersonDelegate
from messenger.desktop.people.finder_dialog import FinderDialog
from messenger.desktop.people.model import PeopleModel
from messenger.desktop.people.searches import add_contact
from messenger.desktop.people.trusts import KnownTrusts
from messenger.language import _
from messenger.sdk.events import ContactsChanged
from messenger.sdk.results import ContactChanged
from messenger.ui.errors import explain
from messenger.ui.wording import shown_name
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.menus import add_to_menu


class ContactsView(QWidget):
    """Contacts, those online first.

    Signals: `opened`, `information_wanted` and `verify_wanted`, a contact; `failed`, why something
    could not be done.
    """

    opened = pyqtSignal(str)
    information_wanted = pyqtSignal(str)
    verify_wanted = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.model = PeopleModel(bridge.me)
        self.list = NameList(_("Contacts"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(PersonDelegate(self.list))
        self._trusts = KnownTrusts(bridge, self)
        self._trusts.changed.connect(lambda: self.model.trust(self._trusts.by_name))
        self._is_loaded = False
        self._add = PlainButton(_("Add a contact…"))
        self._add.clicked.connect(self.add)
        foot = QVBoxLayout()
        foot.setContentsMargins(Space.M, Space.S, Space.M, Space.M)
        foot.addWidget(self._add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list, 1)
        layout.addLayout(foot)
        self.setFocusProxy(self.list)
        self.list.opened.connect(self.opened)
        self.list.menu_wanted.connect(self._show_menu)
        bridge.happened.connect(self._take)

    def load(self) -> None:
        """Read the contacts that are known so far."""
        self._bridge.read(lambda client: client.people.contacts(), self._show, owner=self)
        self._trusts.load()

    def filter(self, words: str) -> None:
        """Show only contacts whose names contain the words."""
        self.model.filter(words)
        self._say_why_empty(words)

    def add(self) -> FinderDialog:
        """Ask whom to add."""
        return add_contact(self._bridge, self)

    def remove(self, name: str) -> None:
        """Remove a contact."""
        self._bridge.request(
            lambda client: client.remove_contact(name),
            owner=self,
            failed=lambda error: self.failed.emit(explain(error)),
        )

    def menu(self, name: str) -> QMenu:
        """Return the menu of a contact; it is deleted when it closes."""
        menu = QMenu(self)
        menu.setAccessibleName(_("Contact {name}", name=shown_name(name)))
        menu.aboutToHide.connect(menu.deleteLater)
        add_to_menu(menu, _("Write a message"), "chat-circle", partial(self.opened.emit, name))
        add_to_menu(menu, _("Verify…"), "shield-check", partial(self.verify_wanted.emit, name))
        add_to_menu(menu, _("Information"), "info", partial(self.information_wanted.emit, name))
        menu.addSeparator()
        remove = partial(self.remove, name)
        add_to_menu(menu, _("Remove from contacts"), "user-minus", remove)
        return menu

    def _take(self, events: list[Any]) -> None:
        if any(isinstance(event, ContactsChanged) for event in events):
            self.load()
            return
        self.model.update(one.person for one in events if isinstance(one, ContactChanged))

    def _show(self, people: list[Any]) -> None:
        self._is_loaded = True
        self.model.show(people)
        self._say_why_empty("")

    def _say_why_empty(self, words: str) -> None:
        if self._is_loaded:
            self.list.show_empty(_("Nobody found.") if words else _("No contacts yet."))

    def _show_menu(self, name: str, place: QPoint) -> None:
        self.menu(name).popup(place)
