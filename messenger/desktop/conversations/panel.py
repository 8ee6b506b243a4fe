"""The panel on the left: a filter on top, conversations or contacts below it."""

from typing import Any

from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.conversations.actions import ConversationActions
from messenger.desktop.conversations.closed import KnownClosedRooms
from messenger.desktop.conversations.delegate import ConversationDelegate
from messenger.desktop.conversations.model import ConversationsModel
from messenger.desktop.name_list import NameList
from messenger.desktop.new_day import NewDay
from messenger.desktop.people import searches
from messenger.desktop.people.blocks import KnownBlocks
from messenger.desktop.people.contacts import ContactsView
from messenger.desktop.people.finder_dialog import FinderDialog
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.sdk.events import SummariesChanged
from messenger.sdk.results import RoomChanged, TypingNotice
from messenger.sdk.store import ConversationSummary
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.menus import add_to_menu
from messenger.windows.widgets.search_field import SearchField

CHATS, CONTACTS = range(2)
"""The pages of the panel."""


class ConversationsPanel(QWidget):
    """Lists conversations and contacts, and opens them.

    Signals: `loaded`, what is stored of all conversations; `opened`, one that the user wants to
    see; `information_wanted`, `verify_wanted` and `report_wanted`, whom or which room about;
    `left`, a room that the user has left; `row_changed`, a conversation whose `row` has changed.
    The window shows a menu at `menu_button`.

    It has more methods and attributes than other classes: the parts of the panel, and what the
    window's keys do with them.
    """

    loaded = pyqtSignal(list)
    opened = pyqtSignal(str)
    information_wanted = pyqtSignal(str)
    verify_wanted = pyqtSignal(str)
    report_wanted = pyqtSignal(str)
    left = pyqtSignal(str)
    row_changed = pyqtSignal(str)

    def __init__(self, bridge: Bridge, current: str = EVERYONE) -> None:
        super().__init__()
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self.model = ConversationsModel(bridge.me, current)
        self.list = NameList(_("Conversations"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(ConversationDelegate(bridge.me, self.list))
        self.list.show_empty(_("No conversations found. Enter looks for people."))
        self.contacts = ContactsView(bridge)
        self.closed_rooms = KnownClosedRooms(bridge, self)
        self.blocks = KnownBlocks(bridge, self)
        self.actions_of = ConversationActions(bridge, self, self.blocks)
        self.menu_button = IconButton("list", _("Menu"))
        self.new_button = IconButton("note-pencil", _("New"))
        self.field = SearchField(_("Search"), _("Show names that contain"))
        self.tabs = QTabBar()
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self.tabs.setCurrentIndex(CHATS)
        self.list.choose(self.model.index_of(current))
        self._load()

    def _build(self) -> None:
        menu = QMenu(self)
        add_to_menu(menu, _("New chat…"), "chat-circle", self.new_chat)
        add_to_menu(menu, _("Join or make a room…"), "users-three", self.new_room)
        add_to_menu(menu, _("Add a contact…"), "user-plus", self.contacts.add)
        self.new_button.setMenu(menu)
        self.new_button.setPopupMode(self.new_button.ToolButtonPopupMode.InstantPopup)
        self.tabs.addTab(_("Chats"))
        self.tabs.addTab(_("Contacts"))
        self.tabs.setExpanding(True)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(_("What is listed"))
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.contacts)
        head = QHBoxLayout()
        head.setContentsMargins(Space.S + 2, 0, Space.S + 2, 0)
        head.setSpacing(Space.XS)
        head.addWidget(self.menu_button)
        head.addWidget(self.field, 1)
        head.addWidget(self.new_button)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, (Size.HEAD - Size.BUTTON) // 2, 0, 0)
        self._layout.setSpacing(Space.XS)
        self._layout.addLayout(head)
        self._layout.addWidget(self.tabs)
        self._layout.addWidget(self._pages, 1)
        for first, second in ((self.menu_button, self.field), (self.field, self.new_button),
                              (self.new_button, self.tabs), (self.tabs, self.list)):  # fmt: skip
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._filter)
        self.tabs.currentChanged.connect(self.show_page)
        for source in (self.list, self.contacts, self.actions_of):
            source.opened.connect(self._open)
        for source in (self.contacts, self.actions_of):
            source.information_wanted.connect(self.information_wanted)
            source.failed.connect(self.show_error)
        self.contacts.verify_wanted.connect(self.verify_wanted)
        self.actions_of.left.connect(self.left)
        self.actions_of.report_wanted.connect(self.report_wanted)
        self.list.menu_wanted.connect(self._show_menu)
        for one in (self.list, self.contacts.list):
            one.left.connect(self.field.setFocus)
        self.closed_rooms.changed.connect(self.model.close_rooms)
        self.blocks.changed.connect(self.model.hide)
        self._bridge.happened.connect(self._take)
        NewDay(self).began.connect(self._new_day)

    # --- for the window --------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The conversations in the order of the list, whatever the filter."""
        return self.model.conversations.names

    def row(self, name: str) -> ConversationSummary | None:
        """Return what is stored of a conversation, None for nothing."""
        return self.model.conversations.rows.get(name)

    def show_open(self, name: str) -> None:
        """Mark a conversation as the open one."""
        self.model.open(name)
        self.list.choose(self.model.index_of(name))

    def neighbour(self, step: int) -> str:
        """Return the conversation so many rows below the open one, around the ends."""
        conversations = self.model.conversations
        return conversations.neighbour(conversations.current, step)

    def next_unread(self) -> str | None:
        """Return the next conversation with unread messages."""
        conversations = self.model.conversations
        return conversations.next_unread(conversations.current)

    def menu_of(self, name: str) -> QMenu:
        """Return the menu of a conversation; it is deleted when it closes."""
        return self.actions_of.menu(self.model.row(name))

    def show_page(self, page: int) -> None:
        """Show the `CHATS` or the `CONTACTS`."""
        self.tabs.setCurrentIndex(page)
        self._pages.setCurrentIndex(page)
        self._filter(self.field.text())

    def show_error(self, text: str) -> None:
        """Say above the list what could not be done, in the place of what was said before."""
        for said in self.findChildren(Banner):
            said.close_banner()
        self._layout.insertWidget(2, Banner(text, icon_name="warning-circle"))

    def switch(self) -> FinderDialog:
        """Show the quick switcher."""
        return self._passing_on(searches.switch(self._bridge, tuple(self.names), self))

    def new_chat(self) -> FinderDialog:
        """Show the dialog for a new chat."""
        return self._passing_on(searches.new_chat(self._bridge, tuple(self.names), self))

    def new_room(self) -> FinderDialog:
        """Show the dialog that joins or makes a room."""
        return self._passing_on(searches.new_room(self._bridge, tuple(self.names), self))

    @property
    def shown_list(self) -> NameList:
        """The list that is shown."""
        return self.list if self._pages.currentIndex() == CHATS else self.contacts.list

    # --- Qt's ------------------------------------------------------------------------------------

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Go from the filter into the list by Down, open by Enter, empty it by Esc."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        key, shown = event.key(), self.shown_list
        if key == Qt.Key.Key_Down:
            shown.setFocus()
            if self.field.text():
                shown.step(0)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.field.text():
            self._open_found()
        elif key == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
        else:
            return False
        return True

    # --- own -------------------------------------------------------------------------------------

    def _load(self) -> None:
        self._bridge.read(lambda client: client.summaries(), self._loaded, owner=self)
        self.closed_rooms.load()
        self.contacts.load()

    def _loaded(self, rows: list[ConversationSummary]) -> None:
        self.loaded.emit(rows)
        # What events have brought meanwhile is newer.
        known = self.model.conversations.rows
        self.model.take([row for row in rows if row.name not in known])
        self.list.choose(self.model.index_of(self.model.conversations.current))
        self.row_changed.emit(self.model.conversations.current)

    def _take(self, events: list[Any]) -> None:
        rows: dict[str, ConversationSummary] = {}
        for event in events:
            if isinstance(event, SummariesChanged):
                rows |= {row.name: row for row in event.summaries}
        if rows:
            self.model.take(list(rows.values()))
            for name in rows:
                self.row_changed.emit(name)
        if notices := [one for one in events if isinstance(one, TypingNotice)]:
            self.model.take_typing(notices)
        if changes := [one for one in events if isinstance(one, RoomChanged)]:
            self.closed_rooms.take(changes)

    def _filter(self, words: str) -> None:
        if self._pages.currentIndex() == CHATS:
            self.model.filter(words)
        else:
            self.contacts.filter(words)

    def _open(self, name: str) -> None:
        self.field.clear()
        self.opened.emit(name)

    def _open_found(self) -> None:
        """Open the first of what the filter shows; without one look for people."""
        shown = self.shown_list
        shown.step(0)
        if shown.current_name:
            shown.activate()
        else:
            words = self.field.text()
            self.field.clear()
            self.new_chat().edit.setText(words)

    def _show_menu(self, name: str, place: QPoint) -> None:
        self.menu_of(name).popup(place)

    def _passing_on(self, dialog: FinderDialog) -> FinderDialog:
        dialog.chosen.connect(self._open_chosen)
        return dialog

    def _open_chosen(self, name: str) -> None:
        """Open what a dialog has found, and show it in its place in the list."""
        self.show_page(CHATS)
        self.opened.emit(name)

    def _new_day(self) -> None:
        """Say *Yesterday* where the hour was said."""
        viewport = self.list.viewport()
        if viewport is not None:
            viewport.update()
