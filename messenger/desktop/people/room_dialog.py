"""The dialog that joins a room, or makes one."""

from collections.abc import Sequence

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.people.finder_dialog import FinderDialog, Search
from messenger.language import N_, _
from messenger.sdk.client import Client
from messenger.ui.finders import Finder, RoomFinder
from messenger.ui.rooms import join_room
from messenger.windows.widgets.labels import text as text_label
from messenger.windows.widgets.switch import Switch


class RoomDialog(FinderDialog):
    """Lists rooms with members and topic; a name that no room has makes a new one."""

    def __init__(self, bridge: Bridge, names: Sequence[str], parent: QWidget | None = None) -> None:
        self._names = names
        self._rooms: RoomFinder | None = None
        self._is_open = False
        self.open_to_guests = Switch("")
        self._about = text_label("", soft=True, small=True)
        search = Search(
            N_("Join or make a room"),
            N_("Name of the room"),
            self._new_finder,
            self._join,
            asks_server=True,
            nothing=N_("No rooms yet: type a name to make one."),
        )
        super().__init__(bridge, search, parent)
        self.open_to_guests.setText(_("Open to guests and other programs"))
        self.body.addWidget(self.open_to_guests)
        self.body.addWidget(self._about)
        for widget in (self.open_to_guests, self._about):
            # The dialog does not grow and shrink while the user types.
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
        self.open_to_guests.toggled.connect(self._toggled)
        self._toggled(is_open=False)
        self.shown()

    def shown(self) -> None:
        """Ask how a room is to be made only if one is."""
        is_new = self._rooms is not None and bool(self._rooms.offered)
        self.open_to_guests.setVisible(is_new)
        self._about.setVisible(is_new)

    def _new_finder(self, client: Client) -> Finder:
        self._rooms = RoomFinder(lambda: self._names, client)
        return self._rooms

    def _join(self, client: Client, name: str) -> str:
        is_new = self._rooms is not None and name == self._rooms.offered
        return join_room(client, name, is_open=is_new and self._is_open)[0]

    def _toggled(self, is_open: bool) -> None:
        self._is_open = is_open
        self._about.setText(
            _("A new room is not encrypted then: the server can read it.")
            if is_open
            else _("A new room is end-to-end encrypted.")
        )
