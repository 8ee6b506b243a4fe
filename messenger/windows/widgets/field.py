"""A field of a form: a label, a line to write in, and help or an error below it."""

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from messenger.language import _
from messenger.windows.look.icons import icon
from messenger.windows.look.restyling import restyle
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import text as text_label


class Field(QWidget):
    """A labelled line; `edit` is what the user writes in."""

    def __init__(self, label: str, *, secret: bool = False, help: str = "") -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        self._help = help
        self._note = text_label(help, small=True)
        self._label = text_label(label, wrap=False)
        self._label.setObjectName("name")
        self._label.setBuddy(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        for widget in (self._label, self.edit, self._note):
            layout.addWidget(widget)
        self.setFocusProxy(self.edit)
        if secret:
            self._add_eye()
        self._say(help, "small")

    @property
    def text(self) -> str:
        """What the user has written."""
        return self.edit.text()

    def rename(self, label: str) -> None:
        """Give the field another label."""
        self._label.setText(label)
        self.edit.setAccessibleName(label)

    def show_error(self, text: str) -> None:
        """Say below the field what is wrong with it; an empty text takes that back."""
        self.edit.setProperty("wrong", bool(text))
        self._say(text or self._help, "error" if text else "small")

    def show_help(self, text: str) -> None:
        """Show another help; it stays behind an error."""
        self._help = text
        self.show_error("")

    def clear(self) -> None:
        """Empty the field."""
        self.edit.clear()
        self.show_error("")

    def _say(self, text: str, name: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self._note.setObjectName(name)
        self.edit.setAccessibleDescription(text)
        restyle(self._note, self.edit)

    def _add_eye(self) -> None:
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = QAction(_("Show what is written"), self)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._show_secret)
        # A method, not a lambda: Qt disconnects it when the field is deleted.
        theme.changed.connect(self._recolour)
        self._recolour()
        self.edit.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)

    def _show_secret(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)
        self._recolour()

    def _recolour(self) -> None:
        self._eye.setIcon(icon("eye-slash" if self._eye.isChecked() else "eye"))
