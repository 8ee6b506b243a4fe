"""The keys of the administration window, and the sheet that shows them."""

from typing import NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from messenger.language import N_, _
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.key_caps import add_row, key_caps

SEARCH, SAVE, NEW = "Ctrl+F", "Ctrl+S", "Ctrl+N"
"""Keys of the pages that have a search, a table or figures to save, or something to make."""


class Key(NamedTuple):
    """Keys, and what they do, untranslated; `action` is a method of the window, if it has one."""

    keys: str
    summary: str
    action: str = ""


KEYS = (
    Key("F1", N_("show the keys"), "show_keys"),
    Key("F5", N_("bring the page up to date"), "refresh"),
    Key("Ctrl+PgUp", N_("the page above"), "show_page_above"),
    Key("Ctrl+PgDown", N_("the page below"), "show_page_below"),
    Key("F6", N_("go between the list of pages and the page"), "cross"),
    Key("Tab, Shift+Tab", N_("the next control, the previous one")),
    Key(SEARCH, N_("search in the table")),
    Key(SAVE, N_("save the table or the figures as CSV")),
    Key(NEW, N_("add an account, make an invitation")),
    Key("Enter", N_("show the details of a row")),
    Key("Esc", N_("close the details or a dialog")),
    Key("Shift+F10", N_("the menu of a row: what can be done with it, and by what it is sorted")),
    Key("Ctrl+C", N_("copy a row, or what is selected")),
    Key("←, →, Home, End", N_("read out a plot")),
    Key("Ctrl+W, Ctrl+Q", N_("close the window"), "close"),
)


class KeySheet(Dialog):
    """All keys; F1 closes it, too."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(_("Keys"), parent, width=560)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        for line, key in enumerate(KEYS):
            add_row(grid, line, 0, QLabel(key_caps(key.keys)), (key.keys, _(key.summary)))
        self.body.addLayout(grid)
        self.close_button = PlainButton(_("Close"))
        self.add_buttons(acting(self.close_button, self.accept))
        self.close_button.setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Close by the key that has opened it."""
        if event is not None and event.key() == Qt.Key.Key_F1:
            self.accept()
        else:
            super().keyPressEvent(event)
