"""A setting in a form: its label, the field for its value, and what is said about it."""

from msgspec import UNSET, UnsetType
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from messenger.admin_window.settings.values import as_text, choice_words, label_of, note_of
from messenger.sdk.administration.results import SettingEntry, SettingValue
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.switch import Switch


class SettingRow(QWidget):
    """Signals: `edited`, with the setting's name; `edit` is what is to be saved."""

    edited = pyqtSignal(str)

    def __init__(self, entry: SettingEntry, *, is_locked: bool) -> None:
        """`is_locked`: it can only be looked at."""
        super().__init__()
        self._entry = entry
        self._is_locked = is_locked
        self._is_filling = False
        self._label = text(label_of(entry))
        self._label.setObjectName("name")
        self._note = text("", small=True)
        self.field: QLineEdit | QComboBox | Switch
        if entry.kind == "switch":
            self.field = Switch(label_of(entry))
            self.field.toggled.connect(self._tell)
        elif entry.choices:
            self.field = QComboBox()
            for choice in entry.choices:
                self.field.addItem(choice_words(entry.name, choice), choice)
            self.field.currentIndexChanged.connect(self._tell)
        else:
            self.field = QLineEdit()
            self.field.setPlaceholderText("–")
            self.field.textChanged.connect(self._tell)
        self.field.setAccessibleName(label_of(entry))
        self.field.setEnabled(not is_locked)
        self._label.setBuddy(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.XS, 0, Space.S)
        column.setSpacing(Space.XS)
        if entry.kind == "switch":
            self._label.hide()
            self._label.setParent(self)
        else:
            column.addWidget(self._label)
        column.addWidget(self.field)
        column.addWidget(self._note)
        self.setFocusProxy(self.field)
        self.show_entry(entry)

    @property
    def edit(self) -> SettingValue | UnsetType:
        """What is to be saved: UNSET for nothing, None for the default."""
        value = self._value()
        if value == _written(self._entry, self._entry.value):
            return UNSET
        return None if value == _written(self._entry, self._entry.default) else value

    def show_entry(self, entry: SettingEntry, edit: SettingValue | UnsetType = UNSET) -> None:
        """Show what the server says, or what the user has written already."""
        self._entry = entry
        self._is_filling = True
        value = entry.value if edit is UNSET else entry.default if edit is None else edit
        written = _written(entry, value)
        if written != self._value():
            if isinstance(self.field, Switch):
                self.field.setChecked(written is True)
            elif isinstance(self.field, QComboBox):
                self.field.setCurrentIndex(max(0, self.field.findData(written)))
            else:
                self.field.setText(str(written))
        if isinstance(self.field, QLineEdit):
            self.field.setCursorPosition(0)
        self._is_filling = False
        note = note_of(entry, is_locked=self._is_locked)
        self._note.setText(note)
        self.field.setAccessibleDescription(note)

    def _value(self) -> str | bool:
        if isinstance(self.field, Switch):
            return self.field.isChecked()
        if isinstance(self.field, QComboBox):
            return str(self.field.currentData())
        return self.field.text().strip()

    def _tell(self) -> None:
        if not self._is_filling:
            self.edited.emit(self._entry.name)


def _written(entry: SettingEntry, value: SettingValue) -> str | bool:
    return bool(value) if entry.kind == "switch" else as_text(value)
