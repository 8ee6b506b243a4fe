"""The dialog that closes a report, with a note of what was done about it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from messenger.admin_window.requests import Requests
from messenger.language import _, ngettext
from messenger.sdk.administration.results import ReportEntry
from messenger.ui.errors import explain
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text

_HEIGHT = 110


class CloseReport(Dialog):
    """Asks for a note. Signals: `closed_report`, once the report is closed."""

    closed_report = pyqtSignal()

    def __init__(self, requests: Requests, report: ReportEntry, parent: QWidget | None) -> None:
        super().__init__(_("Close the report?"), parent, width=440)
        self._requests = requests
        self._number = report.report
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
        self.others = QCheckBox(
            ngettext(
                "Also close {count} other open report about the same",
                "Also close {count} other open reports about the same",
                report.others,
            )
        )
        self.others.setVisible(report.others > 0)
        self.body.addWidget(self.others)
        self.yes = PrimaryButton(_("Close the report"))
        self.add_buttons(
            acting(PlainButton(_("Cancel")), self.reject), acting(self.yes, self._submit)
        )
        self.note.setFocus()

    def _submit(self) -> None:
        number, note = self._number, self.note.toPlainText().strip()
        others = self.others.isChecked()
        self.set_busy(True)
        self._requests.ask(
            lambda server: server.close_report(number, note, others=others),
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
