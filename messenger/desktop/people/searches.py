"""The dialogs that find conversations, people and rooms."""

from collections.abc import Sequence

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.people.finder_dialog import FinderDialog, Search
from messenger.desktop.people.room_dialog import RoomDialog
from messenger.language import N_
from messenger.sdk.client import Client
from messenger.ui import finders, people
from messenger.windows.widgets.dialog import open_dialog

_NO_USERS = N_("No users found.")


def switch(bridge: Bridge, names: Sequence[str], parent: QWidget) -> FinderDialog:
    """Show the quick switcher; `names` are the conversations in the order of the list."""
    search = Search(
        N_("Go to a conversation"),
        N_("A part of the name"),
        lambda client: finders.conversations(lambda: names, client.store),
    )
    return open_dialog(FinderDialog(bridge, search, parent))


def new_chat(bridge: Bridge, names: Sequence[str], parent: QWidget) -> FinderDialog:
    """Show the dialog for a direct chat with somebody."""
    search = Search(
        N_("New chat"),
        N_("Name"),
        lambda client: finders.people(lambda: names, client),
        asks_server=True,
        nothing=_NO_USERS,
    )
    return open_dialog(FinderDialog(bridge, search, parent))


def new_room(bridge: Bridge, names: Sequence[str], parent: QWidget) -> FinderDialog:
    """Show the dialog that joins a room, or makes one."""
    return open_dialog(RoomDialog(bridge, names, parent))


def add_contact(bridge: Bridge, parent: QWidget) -> FinderDialog:
    """Show the dialog that adds somebody to the contacts."""

    def add(client: Client, name: str) -> str:
        people.add_contact(client, name)
        return name

    search = Search(
        N_("Add a contact"),
        N_("Name"),
        finders.newcomers,
        add,
        asks_server=True,
        help=N_("You see when your contacts are online."),
        nothing=_NO_USERS,
    )
    return open_dialog(FinderDialog(bridge, search, parent))


def invite(bridge: Bridge, room: str, parent: QWidget) -> FinderDialog:
    """Show the dialog that invites somebody to a room."""

    def send(client: Client, name: str) -> str:
        client.invite(room, name)
        return name

    search = Search(
        N_("Invite to the room"),
        N_("Name"),
        finders.invitees,
        send,
        asks_server=True,
        nothing=_NO_USERS,
    )
    return open_dialog(FinderDialog(bridge, search, parent))
