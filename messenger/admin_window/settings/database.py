"""The sheet that tests whether the server could run on the database that was typed."""

from collections.abc import Callable

from PyQt6.QtWidgets import QVBoxLayout

from messenger.admin_window.finding import Finding
from messenger.admin_window.requests import Requests
from messenger.admin_window.sheets import Sheet
from messenger.language import N_, _
from messenger.sdk.administration.results import CheckFinding
from messenger.ui.errors import explain
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.layouts import empty, spaced
from messenger.windows.widgets.progress import ProgressLine

_SUBJECTS = {
    "settings": N_("Settings"),
    "database": N_("Database"),
    "file": N_("File"),
    "host": N_("Connection"),
    "schema": N_("Tables"),
    "rights": N_("Rights"),
    "use": N_("Use"),
}


class DatabaseTest(Sheet):
    """Tests the connection to a database, without changing anything there."""

    def __init__(self, requests: Requests, url: Callable[[], str]) -> None:
        """`url` returns what is typed; empty for the file in the server's directory."""
        super().__init__(_("Test the connection"))
        self._requests = requests
        self._url = url
        self.findings: list[CheckFinding] = []
        self.body.addWidget(
            text(
                _(
                    "The server connects to the database that is written above, and looks whether"
                    " it could run on it. Nothing is changed. A new database takes effect when the"
                    " server is restarted; “messenger db copy” takes the messages along."
                ),
                soft=True,
            )
        )
        self.test = PlainButton(_("Test the connection"))
        self.body.addWidget(spaced(acting(self.test, self._ask), stretch=True))
        self._progress = ProgressLine()
        self._progress.hide()
        self.body.addWidget(self._progress)
        self._inside = QVBoxLayout()
        self._inside.setSpacing(0)
        self.body.addLayout(self._inside)

    def _ask(self) -> None:
        url = self._url()
        self._set_busy(True)
        self._requests.ask(
            lambda server: server.check_database(url) if url else server.check_settings(),
            self._show,
            failed=self._fail,
            owner=self,
        )

    def _set_busy(self, busy: bool) -> None:
        self.test.setEnabled(not busy)
        self._progress.setVisible(busy)
        if busy:
            empty(self._inside)

    def _show(self, found: list[CheckFinding]) -> None:
        self._set_busy(False)
        self.findings = found
        for one in found:
            subject = _(_SUBJECTS.get(one.subject, one.subject))
            self._inside.addWidget(Finding(one.level, subject, one.text))

    def _fail(self, error: Exception) -> None:
        self._set_busy(False)
        self._inside.addWidget(Finding("failed", _("Database"), explain(error)))
