"""The members of a room: who is online, and what its creator can do with them."""

from functools import partial
from typing import Any

from PyQt6.QtCore import QPoint, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QMenu, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.name_list import NameList
from messenger.desktop.people.delegate import PersonDelegate
from messenger.desktop.people.model import PeopleModel
from messenger.desktop.people.room_actions import ask_to_remove
from messenger.desktop.people.trusts import KnownTrusts
from messenger.language import _
from messenger.sdk.events import ConnectionState, MembersChanged, StateChanged
from messenger.sdk.results import ContactChanged, Person
from messenger.ui.errors import explain
from messenger.ui.people import seconds_until_old
from messenger.ui.wording import shown_name
from messenger.windows.widgets.menus import add_to_menu

_SMALLEST = 230
_PATIENT = 1.5
"""Longer than others wait who ask for the same members."""


class MembersView(QWidget):
    """Lists the members, and asks the server for their presence while it is visible.

    Signals: `changed`, when `people` has; `opened`, `information_wanted` and `verify_wanted`, a
    member; `failed`, why something could not be done.
    """

    changed = pyqtSignal()
    opened = pyqtSignal(str)
    information_wanted = pyqtSignal(str)
    verify_wanted = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, bridge: Bridge, room: str) -> None:
        super().__init__()
        self._bridge = bridge
        self._room = room
        self.model = PeopleModel(bridge.me)
        self.list = NameList(_("Members"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(PersonDelegate(self.list))
        self.list.setMinimumHeight(_SMALLEST)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self.setFocusProxy(self.list)
        self._trusts = KnownTrusts(bridge, self)
        self._trusts.changed.connect(lambda: self.model.trust(self._trusts.by_name))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self.list.opened.connect(self._open)
        self.list.menu_wanted.connect(self._show_menu)
        bridge.happened.connect(self._take)
        self._trusts.load()

    @property
    def people(self) -> list[Person]:
        """The members as far as they are known."""
        return self.model.people

    @property
    def is_mine(self) -> bool:
        """Whether the user has created the room."""
        me = self.model.person(self._bridge.me)
        return me is not None and me.creator

    def menu(self, name: str) -> QMenu:
        """Return the menu of a member; it is deleted when it closes."""
        menu = QMenu(self)
        menu.setAccessibleName(_("Member {name}", name=shown_name(name)))
        menu.aboutToHide.connect(menu.deleteLater)
        add_to_menu(menu, _("Information"), "info", partial(self.information_wanted.emit, name))
        if name == self._bridge.me:
            return menu
        add_to_menu(menu, _("Write a message"), "chat-circle", partial(self.opened.emit, name))
        person = self.model.person(name)
        if person is not None and not person.guest:
            verify = partial(self.verify_wanted.emit, name)
            add_to_menu(menu, _("Verify…"), "shield-check", verify)
        if self.is_mine:
            menu.addSeparator()
            remove, ban = (partial(self._remove, name, ban=ban) for ban in (False, True))
            add_to_menu(menu, _("Remove from the room…"), "user-minus", remove)
            add_to_menu(menu, _("Remove for good…"), "prohibit", ban)
        return menu

    # --- Qt's ------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Ask for the members."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Ask no more."""
        self._timer.stop()
        super().hideEvent(event)

    # --- own -------------------------------------------------------------------------------------

    def _ask(self) -> None:
        # While it is offline no error is told: the window says so, and what is known stays.
        self._bridge.request(
            lambda client: client.members(self._room),
            self._show,
            owner=self,
            failed=self._not_answered,
        )

    def _show(self, people: list[Person]) -> None:
        self.model.show(people)
        self.list.show_empty("")
        self.changed.emit()
        self._ask_later()

    def _not_answered(self, error: Exception) -> None:
        if not self.model.people:
            self.list.show_empty(explain(error))

    def _take(self, events: list[Any]) -> None:
        # Each kind once, however many there are of it: thousands may be in a room.
        if any(isinstance(one, MembersChanged) and one.room == self._room for one in events):
            self._bridge.read(
                lambda client: client.people.members(self._room), self._known, owner=self
            )
        if people := [one.person for one in events if isinstance(one, ContactChanged)]:
            self.model.update(people)
            self.changed.emit()
        states = [one.state for one in events if isinstance(one, StateChanged)]
        if ConnectionState.ONLINE in states:
            self._ask()

    def _known(self, people: list[Person] | None) -> None:
        if people is not None:  # Otherwise they are forgotten while it is offline.
            self.model.show(people)
            self.changed.emit()
            self._ask_later()

    def _ask_later(self) -> None:
        """Ask again once what is shown is old: not while others, such as the head, do."""
        if self.isVisible():
            wait = _PATIENT * seconds_until_old(len(self.model.people))
            self._timer.start(round(wait * 1000))

    def _open(self, name: str) -> None:
        (self.information_wanted if name == self._bridge.me else self.opened).emit(name)

    def _remove(self, name: str, *, ban: bool) -> None:
        ask_to_remove(
            self._bridge,
            self,
            self._room,
            name,
            ban=ban,
            failed=lambda error: self.failed.emit(explain(error)),
        )

    def _show_menu(self, name: str, place: QPoint) -> None:
        self.menu(name).popup(place)
