"""The recovery code of a new account: to copy, to save or to print, and then to confirm."""

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QWidget

from messenger.files import write_private
from messenger.language import _
from messenger.windows.look.icons import icon
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import mono, text


class RecoveryCodeDialog(Dialog):
    """Shows the code until the user says that he has it, or wants to be asked again later.

    Signals: `confirmed`, `postponed`.
    """

    confirmed = pyqtSignal()
    postponed = pyqtSignal()

    def __init__(self, account: str, code: str, parent: QWidget | None = None) -> None:
        super().__init__(_("Save your recovery code"), parent, width=480)
        self.setObjectName("recovery_code")
        self._account = account
        self._code = code
        said = _(
            "It is the only way back to your messages if you lose all your devices, or if this "
            "computer's keyring is lost. Nobody can send you another one, not even whoever runs "
            "the server."
        )
        self.body.addWidget(text(said, soft=True))
        shown = mono(code)
        shown.setAccessibleName(_("Recovery code"))
        self.body.addWidget(shown)
        self.copy = CopyButton(_("Copy"), code)
        self.save = PlainButton(_("Save to a file…"))
        self.print = PlainButton(_("Print…"))
        row = QHBoxLayout()
        for button, name in (
            (self.copy, "copy"),
            (self.save, "floppy-disk"),
            (self.print, "printer"),
        ):
            button.setIcon(icon(name))
            row.addWidget(button)
        self.body.addLayout(row)
        self.has_it = QCheckBox(_("I have saved it in a safe place"))
        self.body.addWidget(self.has_it)
        self.later = PlainButton(_("Later"))
        self.done_button = PrimaryButton(_("Done"))
        self.done_button.setEnabled(False)
        self.add_buttons(self.later, self.done_button)
        self.save.clicked.connect(self._save)
        self.print.clicked.connect(self._print)
        self.has_it.toggled.connect(self.done_button.setEnabled)
        self.later.clicked.connect(self.reject)
        self.done_button.clicked.connect(self._confirm)

    def reject(self) -> None:
        """Ask again at the next start."""
        self.postponed.emit()
        super().reject()

    def _confirm(self) -> None:
        self.confirmed.emit()
        self.accept()

    def _save(self) -> None:
        name = str(Path.home() / f"{_('recovery code')}.txt")
        file, _chosen = QFileDialog.getSaveFileName(self, _("Save the recovery code"), name)
        if not file:
            return
        try:
            write_private(Path(file), f"{self.sheet}\n".encode())
        except OSError as error:
            reason = error.strerror or str(error)
            self.show_error(_("{file} cannot be written ({reason})", file=file, reason=reason))
        else:
            self.show_error("")
            self.save.setText(_("Saved"))

    def _print(self) -> None:
        # Not at the top: it loads the system's printing, which hardly any start needs.
        from PyQt6.QtGui import QTextDocument
        from PyQt6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter()
        if QPrintDialog(printer, self).exec():
            page = QTextDocument()
            page.setPlainText(self.sheet)
            page.print(printer)

    @property
    def sheet(self) -> str:
        """The code with what it is for, as it is saved and printed."""
        said = _("Messenger: recovery code of {name}", name=self._account)
        return f"{said}\n\n{self._code}"
