"""A form for some settings, which keeps what its user has written until it is saved."""

from collections.abc import Iterable

from msgspec import UNSET
from PyQt6.QtCore import pyqtSignal

from messenger.admin_window.settings.row import SettingRow
from messenger.admin_window.sheets import Sheet
from messenger.sdk.administration.results import SettingEntry, SettingValue


class SettingForm(Sheet):
    """A sheet with a row for each setting.

    `edits` are what is to be saved, by name; several forms may share them. Signals: `edited`, when
    they have changed.
    """

    edited = pyqtSignal()

    def __init__(self, words: str, edits: dict[str, SettingValue], *, is_local: bool) -> None:
        """`is_local` tells that settings may be changed that name files of the server."""
        super().__init__(words)
        self._edits = edits
        self._is_local = is_local
        self.rows: dict[str, SettingRow] = {}

    def show_entries(self, entries: Iterable[SettingEntry]) -> None:
        """Show the settings; what was written and not saved stays."""
        for entry in entries:
            if entry.name not in self.rows:
                locked = entry.local_only and not self._is_local
                row = SettingRow(entry, is_locked=locked)
                row.edited.connect(self._keep)
                self.rows[entry.name] = row
                self.body.addWidget(row)
            self.rows[entry.name].show_entry(entry, self._edits.get(entry.name, UNSET))

    def _keep(self, name: str, edit: object) -> None:
        if edit is UNSET:
            self._edits.pop(name, None)
        else:
            self._edits[name] = edit  # type: ignore[assignment]  # Qt's signal loses the type
        self.edited.emit()
