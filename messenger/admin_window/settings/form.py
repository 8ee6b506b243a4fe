"""A form for some settings, which keeps what its user has written until it is saved."""

from collections.abc import Iterable

from msgspec import UNSET
from PyQt6.QtCore import QTimer, pyqtSignal

from messenger.admin_window.settings.row import SettingRow
from messenger.admin_window.sheets import Sheet
from messenger.sdk.administration.results import SettingEntry, SettingValue

_AT_ONCE = 4
"""Rows that are made at once: each takes some milliseconds."""
_PAUSE = 15
"""Milliseconds between some and the next, for what else is to be painted, and for keys."""


class SettingForm(Sheet):
    """A sheet with a row for each setting; of many it makes some after the other.

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
        self._waiting: list[SettingEntry] = []
        # All at once would stop the window for longer than a blink.
        self._making = QTimer(self)
        self._making.setInterval(_PAUSE)
        self._making.timeout.connect(self._make_some)

    @property
    def is_complete(self) -> bool:
        """Whether all rows have been made."""
        return bool(self.rows) and not self._waiting

    def show_entries(self, entries: Iterable[SettingEntry]) -> None:
        """Show the settings; what was written and not saved stays."""
        self._waiting = []
        for entry in entries:
            if entry.name in self.rows:
                self.rows[entry.name].show_entry(entry, self._edits.get(entry.name, UNSET))
            else:
                self._waiting.append(entry)
        self._make_some()

    def _make_some(self) -> None:
        for entry in self._waiting[:_AT_ONCE]:
            row = SettingRow(entry, is_locked=entry.local_only and not self._is_local)
            row.show_entry(entry, self._edits.get(entry.name, UNSET))
            row.edited.connect(self._keep)
            self.rows[entry.name] = row
            self.body.addWidget(row)
        del self._waiting[:_AT_ONCE]
        if not self._waiting:
            self._making.stop()
        elif not self._making.isActive():
            self._making.start()

    def _keep(self, name: str) -> None:
        edit = self.rows[name].edit
        if edit is UNSET:
            self._edits.pop(name, None)
        else:
            self._edits[name] = edit
        self.edited.emit()
