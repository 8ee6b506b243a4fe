"""A line to search in, with a magnifying glass."""

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QLineEdit

from messenger.language import _
from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme

_CLEAR = "_q_qlineeditclearaction"
"""Qt's name of the action behind the button that empties a line."""


class SearchField(QLineEdit):
    """A line to search in."""

    def __init__(self, prompt: str, name: str) -> None:
        """`prompt` is shown while it is empty; `name` is for screen readers."""
        super().__init__()
        self.setPlaceholderText(prompt)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        # Qt makes buttons of both, which have their names from these texts.
        self._glass = QAction(_("Search"), self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._glass.triggered.connect(self.setFocus)
        self._clear = self.findChildren(QAction, _CLEAR)
        for action in self._clear:
            action.setText(_("Clear"))
        self._recolour()
        theme.changed.connect(self._recolour)

    def _recolour(self) -> None:
        self._glass.setIcon(icon("magnifying-glass"))
        for action in self._clear:
            action.setIcon(icon("x-circle"))
