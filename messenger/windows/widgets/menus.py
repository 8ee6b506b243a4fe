"""Entries of menus, with icons that follow the theme."""

from collections.abc import Callable

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu

from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.widgets.plain import with_ampersands


class Entry(QAction):
    """An entry of a menu, whose icon follows the theme; `icon_name` may be empty."""

    def __init__(self, title: str, icon_name: str, menu: QMenu) -> None:
        super().__init__(with_ampersands(title), menu)
        self._icon_name = icon_name
        if icon_name:
            self._recolour()
            # A method, not a lambda: Qt disconnects it when the menu is deleted.
            theme.changed.connect(self._recolour)

    def _recolour(self) -> None:
        self.setIcon(icon(self._icon_name))


def add_to_menu(menu: QMenu, title: str, icon_name: str, do: Callable[[], object]) -> QAction:
    """Add an entry; `icon_name` may be empty."""
    action = Entry(title, icon_name, menu)
    action.triggered.connect(lambda _checked: do())
    menu.addAction(action)
    return action
