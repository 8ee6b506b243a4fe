"""What the window's menus and keys do."""

from collections.abc import Callable
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QShortcut
from PyQt6.QtWidgets import QMenu, QWidget

from messenger.desktop.messages.following import open_outside
from messenger.desktop.people.person_panel import PersonPanel
from messenger.desktop.people.room_panel import RoomPanel
from messenger.desktop.search.panel import SearchPanel
from messenger.desktop.shortcuts import install, key_text
from messenger.desktop.window_dialogs import WindowDialogs
from messenger.jim.names import is_room
from messenger.language import _
from messenger.output import visible
from messenger.sdk.profiles import Preferences
from messenger.ui.links import may_be_followed
from messenger.ui.recent_emoji import with_recent
from messenger.ui.wording import shown_name
from messenger.windows.widgets.menus import add_to_menu

if TYPE_CHECKING:
    from messenger.desktop.main_window import MainWindow

_STEP = 10
"""Percent by which a key makes text larger or smaller."""
_SMALLEST, _LARGEST, _USUAL = 80, 200, 100


class WindowActions(QObject):
    """The actions of a main window.

    It has a method for each key of the table (`messenger.ui.shortcuts`), under the same name.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.dialogs = WindowDialogs(window)
        window.conversations.menu_button.clicked.connect(self._show_main_menu)
        window.chat.head.more.clicked.connect(self._show_chat_menu)

    def install(self) -> None:
        """Have the window's keys call the methods of their names."""
        install(self._window, self)
        QShortcut(Qt.Key.Key_Escape, self._window, self.escape)

    # --- conversations ---------------------------------------------------------------------------

    def switch(self) -> None:
        """Go to a conversation by a part of its name."""
        self._window.conversations.switch()

    def conversation_above(self) -> None:
        """Open the conversation above."""
        self._window.go_to(self._window.conversations.neighbour(-1))

    def conversation_below(self) -> None:
        """Open the conversation below."""
        self._window.go_to(self._window.conversations.neighbour(1))

    def next_unread(self) -> None:
        """Open the next conversation with unread messages."""
        if name := self._window.conversations.next_unread():
            self._window.go_to(name)

    def place(self, number: int) -> None:
        """Open a conversation by its place in the list, from 1."""
        names = self._window.conversations.names
        if number <= len(names):
            self._window.go_to(names[number - 1])

    def new_chat(self) -> None:
        """Write to somebody."""
        self._window.conversations.new_chat()

    def new_room(self) -> None:
        """Join or make a room."""
        self._window.conversations.new_room()

    def mute(self) -> None:
        """Mute the open conversation for good, or unmute it."""
        name = self._window.controller.current
        row = self._window.conversations.row(name)
        until = 0.0 if row is not None and row.muted else inf
        self._window.bridge.write(lambda client: client.mute(name, until), owner=self)

    # --- search ----------------------------------------------------------------------------------

    def search_here(self) -> None:
        """Search in the open conversation."""
        self._window.search.open_bar(self._window.controller.current)

    def search_everywhere(self) -> None:
        """Search in all conversations."""
        panel = SearchPanel(self._window.bridge)
        panel.opened.connect(self._window.go_to_message)
        panel.words_changed.connect(self._window.messages.mark)
        self._window.columns.show_panel(panel, _("Search everywhere"))

    # --- panels ----------------------------------------------------------------------------------

    def toggle_list(self) -> None:
        """Show or hide the list of conversations."""
        self._window.columns.toggle_list()

    def members(self) -> None:
        """Show or hide the members."""
        self.information()

    def information(self) -> None:
        """Show or hide the information about the open conversation."""
        if isinstance(self._window.side.shown, PersonPanel | RoomPanel):
            self._window.side.close_panel()
        else:
            self.show_information(self._window.controller.current)

    def show_information(self, name: str) -> None:
        """Show the information about a person or a room."""
        window = self._window
        panel: PersonPanel | RoomPanel
        if is_room(name):
            is_closed = name in window.conversations.closed_rooms.names
            panel = RoomPanel(window.bridge, name, is_closed=is_closed)
            panel.information_wanted.connect(self.show_information)
            panel.left.connect(window.leave)
            title = _("Room")
        else:
            panel = PersonPanel(window.bridge, name)
            panel.report_wanted.connect(self.dialogs.report)
            title = _("Person")
        panel.opened.connect(window.go_to)
        panel.verify_wanted.connect(self.verify)
        window.columns.show_panel(panel, title)

    def turn_to(self, name: str) -> None:
        """Show the information about another conversation, if a panel of the kind is open."""
        if isinstance(self._window.side.shown, PersonPanel | RoomPanel):
            if self._window.columns.is_narrow:
                self._window.side.close_panel()
            else:
                self.show_information(name)

    def next_panel(self) -> None:
        """Go to the next panel with the keyboard."""
        self._walk(1)

    def previous_panel(self) -> None:
        """Go to the previous panel with the keyboard."""
        self._walk(-1)

    def _walk(self, step: int) -> None:
        window = self._window
        places: list[QWidget] = [
            window.conversations.shown_list, window.messages, window.composer.input,
        ]  # fmt: skip
        if window.side.shown is not None:
            places.append(window.side.shown)
        shown = [one for one in places if one.isVisible()]
        within = [one.hasFocus() or one.isAncestorOf(window.focusWidget() or one) for one in shown]
        at = within.index(True) if True in within else -1
        if shown:
            shown[(at + step) % len(shown)].setFocus()

    def escape(self) -> None:
        """Close the search, the output of a command or a panel, or go back to writing."""
        window = self._window
        if window.search.isVisible():
            window.search.close_bar()
        elif window.chat.output.isVisible():
            window.chat.output.close_output()
        elif window.side.shown is not None:
            window.side.close_panel()
        elif window.columns.is_narrow and not window.composer.input.hasFocus():
            window.columns.show_list()
        self.write()

    def write(self) -> None:
        """Go back to writing."""
        self._window.model.end_unread()
        self._window.composer.setFocus()

    # --- the rest --------------------------------------------------------------------------------

    def emoji(self) -> None:
        """Choose an emoji."""
        self._window.composer.open_picker()

    def help(self) -> None:
        """Show the commands and keys."""
        self.dialogs.show_help()

    def settings(self) -> None:
        """Show the settings."""
        self.dialogs.show_settings()

    def verify(self, name: str) -> None:
        """Verify somebody."""
        self._window.notices.actions.verify(name)

    def larger(self) -> None:
        """Make text larger."""
        self._scale(self._preferences.text_size + _STEP)

    def smaller(self) -> None:
        """Make text smaller."""
        self._scale(self._preferences.text_size - _STEP)

    def usual_size(self) -> None:
        """Show text in its usual size."""
        self._scale(_USUAL)

    def full_screen(self) -> None:
        """Fill the screen, or no longer."""
        window = self._window
        window.showNormal() if window.isFullScreen() else window.showFullScreen()

    def close(self) -> None:
        """Close the window."""
        self._window.close()

    def quit(self) -> None:
        """End the program."""
        self._window.quit()

    def open_link(self, address: str) -> None:
        """Open a link in the program for it; an invitation adds an account."""
        add = self._window.add_account
        if add is not None and may_be_followed(address, ("jim",)):
            opened = add(address)
        else:
            opened = open_outside(address)
        if not opened:
            self._window.note(_("No program on this computer opens {link}", link=visible(address)))

    # --- what notices need ------------------------------------------------------------------------

    def open_conversation(self, name: str) -> None:
        """Open a conversation."""
        self._window.go_to(name)

    def change_password(self) -> None:
        """Let the user change the password."""
        self.dialogs.change_password()

    def register(self) -> None:
        """Let a guest make an account."""
        self.dialogs.register()

    def restore(self, file: Path | None) -> None:
        """Let the user restore a backup; None: he chooses its file."""
        self.dialogs.restore(file)

    # --- settings that the window itself notes ---------------------------------------------------

    @property
    def _preferences(self) -> Preferences:
        return self._window.controller.preferences

    def prefer(self, preferences: Preferences) -> None:
        """Store and apply changed settings."""
        controller = self._window.controller
        self._window.bridge.write(lambda _client: controller.prefer(preferences), owner=self)

    def note_emoji(self, emoji: str) -> None:
        """Remember an emoji that the user has chosen."""
        self.prefer(with_recent(self._preferences, emoji))

    def note_size(self, size: str) -> None:
        """Remember the size of the window."""
        if size != self._preferences.window_size:
            self.prefer(msgspec.structs.replace(self._preferences, window_size=size))

    def _scale(self, percent: int) -> None:
        size = max(_SMALLEST, min(_LARGEST, percent))
        self.prefer(msgspec.structs.replace(self._preferences, text_size=size))

    # --- menus -----------------------------------------------------------------------------------

    def _show_main_menu(self) -> None:
        window, menu = self._window, QMenu(self._window)
        menu.aboutToHide.connect(menu.deleteLater)
        _add(menu, _("Go to…"), "magnifying-glass", self.switch, "switch")
        search = self.search_everywhere
        _add(menu, _("Search everywhere"), "file-search", search, "search_everywhere")
        menu.addSeparator()
        _add(menu, _("Your devices"), "device-mobile", window.notices.actions.show_devices)
        _add(menu, _("Recovery code"), "key", self.dialogs.show_recovery_code)
        if window.invite is not None:
            _add(menu, _("Invite others"), "user-plus", window.invite)
        if window.add_account is not None:
            said = _("Add an account or switch…")
            _add(menu, said, "users", partial(window.add_account, ""))
        menu.addSeparator()
        _add(menu, _("Settings"), "gear-six", self.settings, "settings")
        _add(menu, _("Keys and commands"), "keyboard", self.help, "help")
        menu.addSeparator()
        _add(menu, _("Quit"), "sign-out", self.quit, "quit")
        _popup(menu, window.conversations.menu_button)

    def _show_chat_menu(self) -> None:
        window = self._window
        name = window.controller.current
        menu = window.conversations.menu_of(name)
        menu.addSeparator()
        _add(menu, _("Search here"), "magnifying-glass", self.search_here, "search_here")
        if not is_room(name):
            said = _("Verify {name}…", name=shown_name(name))
            _add(menu, said, "shield-check", lambda: self.verify(name))
        _add(menu, _("Export…"), "export", self.dialogs.export)
        _popup(menu, window.chat.head.more)


def _add(
    menu: QMenu, text: str, icon_name: str, do: Callable[[], object], shortcut: str = ""
) -> None:
    # The key is only shown: the window's own shortcuts act, so that none is ambiguous.
    key = key_text(shortcut) if shortcut else ""
    add_to_menu(menu, f"{text}\t{key}" if key else text, icon_name, do)


def _popup(menu: QMenu, button: QWidget) -> None:
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
