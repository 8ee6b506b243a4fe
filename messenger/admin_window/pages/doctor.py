"""The page of the doctor: the checks of the server and its machine, and what to do."""

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QFrame

from messenger.admin_window.finding import Finding
from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.sheets import Sheet, Sheets
from messenger.language import _, ngettext
from messenger.sdk.administration.results import DoctorCheck, Examination
from messenger.ui.server_words import check_name
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.layouts import empty

_PAUSE = 300
"""Milliseconds between two looks at an examination that runs."""


class DoctorPage(Page):
    """The last examination, or the one that runs, with each check as soon as it is made."""

    def __init__(self, requests: Requests) -> None:
        super().__init__("doctor", _("Doctor"))
        self._requests = requests
        self._number = 0
        self._is_running = False
        self.checks: list[DoctorCheck] = []
        self.again = PrimaryButton(_("Examine the server"))
        self.add_action(acting(self.again, self.examine))
        self._sheet = Sheet()
        self._sheet.body.setSpacing(0)
        sheets = Sheets()
        sheets.add(self._sheet)
        self.set_content(sheets)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self.refresh)
        self.set_subtitle(_("It looks at everything, and changes nothing"))

    @property
    def is_drawn(self) -> bool:
        """Whether no examination runs."""
        return not self._is_running

    def examine(self) -> None:
        """Begin an examination."""
        self._ask(start=True)

    def refresh(self) -> None:
        """Ask for the checks that have been made since."""
        self._ask(start=False)

    def _ask(self, *, start: bool) -> None:
        number, known = self._number, len(self.checks)
        if start:
            self.set_loading(True)
            self.again.setEnabled(False)
        self._requests.ask(
            lambda server: server.examination(start=start, number=number, after=known),
            self._show,
            failed=self._failed,
            owner=self,
        )

    def _failed(self, error: Exception) -> None:
        self.again.setEnabled(True)
        self.show_error(error)

    def _show(self, found: Examination) -> None:
        if found.number != self._number:
            self._number = found.number
            self.checks = []
            empty(self._sheet.body)
        for check in found.checks:
            self._add(check)
        self._is_running = found.running
        self.again.setEnabled(not found.running)
        if not found.number:
            self.show_sign(
                "first-aid-kit",
                _("The server has not been examined since its start"),
                _("Port, certificate, clock, disk, database, a message there and back, and more."),
                (_("Examine the server"), self.examine),
            )
            return
        self.again.setText(_("Examine again"))
        self.set_subtitle(_verdict(self.checks, is_running=found.running))
        self.show_content()
        if found.running:
            self.set_loading(True)
            self._timer.start()

    def _add(self, check: DoctorCheck) -> None:
        if self.checks:
            line = QFrame()
            line.setObjectName("line")
            self._sheet.body.addWidget(line)
        self.checks.append(check)
        self._sheet.body.addWidget(
            Finding(
                check.level,
                check_name(check.name),
                check.text,
                advice=check.advice,
                seconds=check.seconds,
            )
        )


def _verdict(checks: list[DoctorCheck], *, is_running: bool) -> str:
    """Return what to think of the checks so far."""
    if is_running:
        return _("The server is being examined: it takes some seconds, at most some minutes")
    count = sum(check.level != "ok" for check in checks)
    if not count:
        return _("Everything is as it should be")
    return ngettext(
        "{count} check has found something", "{count} checks have found something", count
    )
