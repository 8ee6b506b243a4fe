"""The user's settings while the dialog is open: changed at once, stored in a thread."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from messenger.sdk.profiles import Preferences
from messenger.ui.settings import changed, value_of
from messenger.ui.where import Where


class Changes(QObject):
    """Applies each change to the stored settings. Signals: `changed`, with the setting's name.

    `stored` returns the settings; `prefer` stores and applies others, perhaps later: until then
    what was changed here is put on top.
    """

    changed = pyqtSignal(str)

    def __init__(
        self, stored: Callable[[], Preferences], prefer: Callable[[Preferences], object]
    ) -> None:
        super().__init__()
        self._stored = stored
        self._prefer = prefer
        self._made: dict[str, str] = {}

    @property
    def preferences(self) -> Preferences:
        """The settings with what was changed here."""
        found = self._stored()
        for name, value in self._made.items():
            found = changed(found, name, value, Where.WINDOW)
        return found

    def value(self, name: str) -> str:
        """Return the value of a setting, as the table of settings has it."""
        return value_of(self.preferences, name)

    def change(self, name: str, value: str) -> None:
        """Change a setting; applies at once."""
        if value == self.value(name):
            return
        self._made[name] = value
        self._prefer(self.preferences)
        self.changed.emit(name)
