"""A line to search in, with a magnifying glass."""

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QLineEdit

from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme


class SearchField(QLineEdit):
    """A line to search in."""

    def __init__(self, prompt: str, name: str) -> None:
        """`prompt` is shown while it is empty; `name` is for screen readers."""
        super().__init__()
        self.setPlaceholderText(prompt)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._recolour()
        theme.changed.connect(self._recolour)

    def _recolour(self) -> None:
        self._glass.setIcon(icon("magnifying-glass"))
