"""The page of backups: make, watch, verify them, and when the server makes them by itself."""

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QFrame, QVBoxLayout

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.backup_row import BackupRow
from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.server_restart import RestartAct, ServerRestart
from messenger.admin_window.settings.form import SettingForm
from messenger.admin_window.settings.restarting import RestartBar
from messenger.admin_window.settings.saving import SaveBar
from messenger.admin_window.settings.sections import of_section
from messenger.admin_window.sheets import Sheet, Sheets
from messenger.language import _
from messenger.sdk.administration.results import Backups, ServerSettings, SettingValue
from messenger.ui.backup_phases import phase_words
from messenger.ui.quantities import date_and_time
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.layouts import empty, spaced, stacked
from messenger.windows.widgets.progress import ProgressLine

_PAUSE = 300
"""Milliseconds between two looks at a backup that is being made."""
_PATIENCE = 86_400.0
"""Seconds: a large backup takes long to restore."""
_SHOWN = 50
"""Backups that are listed: nobody looks for older ones here."""


class BackupsPage(Page):
    """The server goes on while a backup is made or verified."""

    def __init__(self, requests: Requests) -> None:
        super().__init__("backups", _("Backups"))
        self._requests = requests
        self._found: Backups | None = None
        self._is_restoring = False
        self.edits: dict[str, SettingValue] = {}
        self.make = PrimaryButton(f"{_('Make a backup')}…")
        self.add_action(acting(self.make, self._make))
        self._work = Sheet()
        self._words = text("")
        self._line = ProgressLine()
        self.cancel = acting(PlainButton(_("Cancel")), self._cancel)
        self._work.body.addWidget(self._words)
        self._work.body.addWidget(self._line)
        self._work.body.addWidget(spaced(self.cancel, stretch=True))
        self._work.hide()
        self._list = Sheet()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._list.body.addLayout(self._rows)
        self.restoration = ServerRestart(requests, self)
        self.restoration.waits.connect(self._wait)
        self.restoration.back.connect(self._is_back)
        self.restoration.failed.connect(self._fail)
        self.form = SettingForm(_("Schedule and retention"), self.edits, is_local=requests.is_local)
        self.bar = SaveBar(requests, self, self.edits)
        self.form.edited.connect(self.bar.show_edits)
        self.bar.saved.connect(self._ask_settings)
        self.waiting = RestartBar(requests, self)
        sheets = Sheets()
        for sheet in (self._work, self._list, self.form):
            sheets.add(sheet)
        self.set_content(stacked(sheets, self.waiting, self.bar))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._ask)

    @property
    def is_drawn(self) -> bool:
        """Whether nothing is under way."""
        return self._found is not None and not self._found.work

    def refresh(self) -> None:
        """Ask for the backups and the settings for them."""
        if self.restoration.is_waiting or self.waiting.act.is_waiting:
            return
        self.set_loading(True)
        self._ask()
        self._ask_settings()

    def verify(self, backup: str) -> None:
        """Begin to verify a backup: nothing is changed by that."""
        self._requests.ask(
            lambda server: server.begin_verification(backup),
            self._show,
            failed=self.show_failure,
            owner=self,
        )

    def _ask(self) -> None:
        self._requests.ask(
            lambda server: server.backups(), self._show, failed=self.show_error, owner=self
        )

    def _ask_settings(self) -> None:
        self._requests.ask(
            lambda server: server.settings(),
            self._show_settings,
            failed=self.show_error,
            owner=self,
        )

    def _show_settings(self, found: ServerSettings) -> None:
        self.bar.know(found)
        self.waiting.know(found)
        self.form.show_entries(of_section("backups", found.settings))
        self.bar.show_edits()

    def _make(self) -> None:
        act = Act(
            _("Make a backup now?"),
            _(
                "One file with the database, the server's key and certificate, and its settings."
                " The server goes on meanwhile. Whoever has the file can pass for the server: it"
                " stays on its machine, and the oldest ones are removed as the settings say."
            ),
            _("Make a backup"),
            lambda server: server.begin_backup(),
            _("The backup has begun."),
            is_danger=False,
        )
        perform(self, self._requests, act)

    def _restore(self, backup: str) -> None:
        found = self._found.backups if self._found is not None else []
        made = next((one.made for one in found if one.backup == backup), None)
        act = RestartAct(
            _("Go back to this backup?"),
            [
                _(
                    "Everything goes that came after {time}: messages, accounts, rooms, changed"
                    " passwords. What was removed since is back. Clients keep the messages that"
                    " they have.",
                    time=date_and_time(made),
                ),
                _(
                    "Settings stay as they are. The data of now is moved aside on the server's"
                    " machine, and used again if the backup cannot be restored."
                ),
            ],
            _("Restore it"),
            lambda server: server.restore_backup(backup),
            _(
                "The server stops, restores {name}, and starts again. The window connects by"
                " itself.",
                name=backup,
            ),
            _PATIENCE,
        )
        self.restoration.begin(act)

    def _wait(self, words: str) -> None:
        self._work.show()
        self._words.setObjectName("text")
        self._words.setText(words)
        self._line.show()
        self._line.show_progress(0, 0)
        self._set_usable(is_usable=False)

    def _set_usable(self, *, is_usable: bool) -> None:
        for one in (self.make, self.waiting, self._list):
            one.setEnabled(is_usable)

    def _is_back(self) -> None:
        self._set_usable(is_usable=True)
        self._is_restoring = True
        self.refresh()

    def _fail(self, words: str) -> None:
        self._set_usable(is_usable=True)
        self._work.show()
        self._line.hide()
        self._words.setObjectName("error")
        self._words.setText(words)

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self._requests.ask(
            lambda server: server.cancel_backup(), self._show, failed=self.show_failure, owner=self
        )

    def _show(self, found: Backups) -> None:
        before = self._found
        self._found = found
        self.show_content()
        self.set_subtitle(_("In {directory}", directory=found.directory))
        self._show_work(found)
        if self._is_restoring:
            self._is_restoring = False
            self._show_restored(found)
        if before is None or _listed(before) != _listed(found):
            self._list_anew(found)
        if found.work:
            self._timer.start()

    def _show_restored(self, found: Backups) -> None:
        """Say what came of a restoration, unless it has failed, which stays in sight."""
        if found.restored:
            self.tell(
                _(
                    "The server runs on {name} now. The data before is in {moved}",
                    name=found.restored,
                    moved=found.moved,
                )
            )
        elif not found.failure:  # It was killed, and started by somebody else.
            self._fail(
                _("The server was stopped meanwhile: its log says whether the backup is restored")
            )

    def _show_work(self, found: Backups) -> None:
        self._work.setVisible(bool(found.work or found.failure))
        self.make.setEnabled(not found.work)
        self._line.setVisible(bool(found.work))
        self.cancel.setVisible(bool(found.work))
        self._words.setObjectName("text" if found.work else "error")
        if not found.work:
            self.cancel.setEnabled(True)
            self._words.setText(found.failure)
            return
        said = _("A backup is being made")
        if found.work == "verification":
            said = _("{name} is being verified", name=found.subject)
        if found.phase:
            said = f"{said}: {phase_words(found.phase).lower()}"
        self._words.setText(said)
        self._line.show_progress(*_percent(found))

    def _list_anew(self, found: Backups) -> None:
        empty(self._rows)
        if not found.backups:
            self._rows.addWidget(text(_("There is no backup yet"), soft=True))
        for number, one in enumerate(found.backups[:_SHOWN]):
            if number:
                line = QFrame()
                line.setObjectName("line")
                self._rows.addWidget(line)
            row = BackupRow(one)
            row.verify.setEnabled(not found.work)
            row.verify_wanted.connect(self.verify)
            row.restore.setEnabled(not found.work)
            row.restore_wanted.connect(self._restore)
            self._rows.addWidget(row)


def _percent(found: Backups) -> tuple[int, int]:
    """Return the progress in steps that fit into Qt's 32 bits."""
    return (1_000 * found.done // found.total, 1_000) if found.total else (0, 0)


def _listed(found: Backups) -> object:
    return found.backups, bool(found.work)
