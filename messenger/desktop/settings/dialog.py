"""The dialog of settings: pages on the left, which are made when they are first shown."""

from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from messenger.desktop.bridge import Bridge
from messenger.desktop.settings.about import AboutPage
from messenger.desktop.settings.account import AccountPage
from messenger.desktop.settings.changes import Changes
from messenger.desktop.settings.hooks import Hooks
from messenger.desktop.settings.pages import (
    AppearancePage,
    DataPage,
    GeneralPage,
    NotificationsPage,
)
from messenger.desktop.settings.parts import Page
from messenger.language import _
from messenger.ui.conversation import ConversationController
from messenger.windows.look.fonts import metrics
from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space, Type, Weight
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.choosing import on_row_chosen
from messenger.windows.widgets.dialog import fit_into_window
from messenger.windows.widgets.plain import set_tip

_SIZE = (760, 560)
_SMALLEST = (320, 360)
_NARROW = 560
"""Pixels: in a narrower dialog the list of pages has icons only."""
_ICONS_ONLY = 56


class Entry(NamedTuple):
    """A page in the list; `make` is called when it is first shown."""

    name: str
    title: str
    icon: str
    make: Callable[[], QWidget]


class SettingsDialog(QDialog):
    """Changes apply at once: there is nothing to confirm. Esc closes it."""

    def __init__(
        self,
        bridge: Bridge,
        controller: ConversationController,
        changes: Changes,
        hooks: Hooks,
        parent: QWidget | None = None,
        *,
        page: str = "general",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self.setObjectName("settings")
        self.setModal(True)
        self.changes = changes
        changes.setParent(self)
        self._entries = _entries(bridge, controller, changes, hooks)
        self.list = QListWidget()
        self.list.setObjectName("pages")
        self.list.setAccessibleName(_("Pages of settings"))
        self.list.setIconSize(QSize(Size.ICON, Size.ICON))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = QStackedWidget()
        for entry in self._entries:
            item = QListWidgetItem(entry.title)
            set_tip(item, entry.title)
            self.list.addItem(item)
            self._stack.addWidget(QScrollArea())
        self.close_button = PlainButton(_("Close"))
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        on_row_chosen(self.list, self._turn)
        theme.changed.connect(self._recolour)
        self._recolour()
        self.show_page(page)
        fit_into_window(self, _SIZE, _SMALLEST)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        area = self._stack.currentWidget()
        assert isinstance(area, QScrollArea)
        shown = area.widget()
        assert shown is not None
        return shown

    def show_page(self, name: str) -> None:
        """Show a page by its name, such as `devices`."""
        names = [entry.name for entry in self._entries]
        self.list.setCurrentRow(names.index(name) if name in names else 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show icons only where there is no room for more."""
        super().resizeEvent(event)
        self._fit_list()

    def _lay_out(self) -> None:
        side = QWidget()
        side.setObjectName("side")
        column = QVBoxLayout(side)
        column.setContentsMargins(Space.S, Space.L, Space.S, Space.S)
        column.addWidget(self.list)
        edge = QFrame()
        edge.setObjectName("line")
        edge.setStyleSheet("#line { min-width: 1px; max-width: 1px; max-height: 16777215px; }")
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.XL, Space.S, Space.XL, Space.L)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side)
        layout.addWidget(edge)
        layout.addLayout(right, 1)
        self._side = side

    def _turn(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        area = self._stack.currentWidget()
        if isinstance(area, QScrollArea) and area.widget() is None:
            page = self._entries[index].make()
            if not isinstance(page, Page):
                page = _framed(self._entries[index].title, page)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(page)

    def _recolour(self) -> None:
        for index, entry in enumerate(self._entries):
            item = self.list.item(index)
            if item is not None:
                item.setIcon(icon(entry.icon, theme.colours.text))
        self._fit_list()

    def _fit_list(self) -> None:
        is_narrow = self.width() < _NARROW
        # Also the widest title in bold figures: texts are of any language and size.
        titles = [
            metrics(Type.TEXT, Weight.NORMAL).horizontalAdvance(one.title) for one in self._entries
        ]
        wide = round(max(titles)) + Size.ICON + 64
        self._side.setFixedWidth(_ICONS_ONLY if is_narrow else wide)
        for index, entry in enumerate(self._entries):
            item = self.list.item(index)
            if item is not None:
                item.setText("" if is_narrow else entry.title)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.title)


def _entries(
    bridge: Bridge, controller: ConversationController, changes: Changes, hooks: Hooks
) -> list[Entry]:
    found = [
        Entry("general", _("General"), "sliders-horizontal", lambda: GeneralPage(changes, hooks)),
        Entry("appearance", _("Appearance"), "palette", lambda: AppearancePage(changes)),
        Entry(
            "notifications", _("Notifications"), "bell", lambda: NotificationsPage(changes, hooks)
        ),
    ]
    if hooks.devices is not None:
        found.append(Entry("devices", _("Devices"), "device-mobile", hooks.devices))
    if hooks.blocked is not None:
        found.append(Entry("blocked", _("Blocked people"), "prohibit", hooks.blocked))
    return [
        *found,
        Entry("account", _("Account"), "user", lambda: AccountPage(bridge, controller, hooks)),
        Entry("data", _("Data"), "database", lambda: DataPage(hooks)),
        Entry("about", _("About"), "info", lambda: AboutPage(bridge)),
    ]


def _framed(title: str, contents: QWidget) -> Page:
    page = Page(title)
    page.add(contents)
    page.end()
    return page
