"""The dialog that closes a report, with a note of what was done about it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPlainTextEdit, QWidget

from messenger.admin_window.requests import Requests
from messenger.language import _
from messenger.ui.errors import explain
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text

_HEIGHT = 110


class CloseReport(Dialog):
    """Asks for a note. Signals: `closed_report`, once the report is closed."""

    closed_report = pyqtSignal()

    def __init__(self, requests: Requests, number: int, parent: QWidget | None) -> None:
        """`number` is that of the report."""
        super().__init__(_("Close the report?"), parent, width=440)
        self._requests = requests
        self._number = number
        self.body.addWidget(
            text(
                _(
                    "It is no longer among the open ones. Nobody is told, and nothing else happens:"
                    " block an account on its own page."
                ),
                soft=True,
            )
        )
        label = text(_("What was done about it (for the audit log)"), wrap=False)
        self.note = QPlainTextEdit()
        self.note.setAccessibleName(label.text())
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(_HEIGHT)
        label.setBuddy(self.note)
        self.body.addWidget(label)
        self.body.addWidget(self.note)
        self.yes = PrimaryButton(_("Close the report"))
        self.add_buttons(
            acting(PlainButton(_("Cancel")), self.reject), acting(self.yes, self._submit)
        )
        self.note.setFocus()

    def _submit(self) -> None:
        number, note = self._number, self.note.toPlainText().strip()
        self.set_busy(True)
        self._requests.ask(
            lambda server: server.close_report(number, note),
            self._done,
            failed=self._refused,
            owner=self,
        )

    def _done(self, _reply: object) -> None:
        self.accept()
        self.closed_report.emit()

    def _refused(self, error: Exception) -> None:
        self.set_busy(False)
        self.show_error(explain(error))
