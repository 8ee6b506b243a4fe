"""The dialogs that restore a backup: the question, and the work once no client uses the data."""

from pathlib import Path

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.data.working import FileRow, Progress, WorkingDialog
from messenger.desktop.dialog_pages import icon_head, sentence
from messenger.language import _
from messenger.sdk.backup import Owner, open_backup
from messenger.sdk.client import Client
from messenger.ui.local_data import check_owner
from messenger.windows.file_questions import file_to_open
from messenger.windows.widgets.buttons import DangerButton, acting
from messenger.windows.widgets.field import Field


class RestoreDialog(WorkingDialog):
    """Asks for a backup and its passphrase, and checks both.

    If it is accepted, `file` and `passphrase` are what `restore_profile` takes: the window closes
    its client first, for no client may use the data meanwhile.
    """

    def __init__(
        self, bridge: Bridge, owner: Owner, parent: QWidget | None = None, file: Path | None = None
    ) -> None:
        """`owner` is whose data are to be replaced: the backup has to be theirs."""
        super().__init__(bridge, _("Restore a backup"), parent)
        self.setObjectName("restore")
        self.file: Path | None = None
        self.passphrase = ""
        self._owner = owner
        self.row = FileRow(_("Choose a backup…"), self._choose)
        if file is not None:
            self.row.show_file(file)
        self.field = Field(_("Passphrase of the backup"), secret=True)
        said = _(
            "Everything stored on this computer for this account is replaced by the backup. "
            "Messenger restarts, and fetches from the server what is newer."
        )
        self.show_page(
            [
                icon_head("upload-simple", _("Restore a backup?"), said, colour="warn"),
                self.row,
                self.field,
            ],
            [self.closing(_("Cancel")), acting(DangerButton(_("Restore and restart")), self.start)],
        )

    def start(self) -> None:
        """Check the backup, if all is filled in."""
        self.field.show_error("")
        file, passphrase = self.row.file, self.field.text
        if file is None:
            self.show_error(_("Choose a backup first."))
            return

        def check(_client: Client, _progress: Progress) -> None:
            with open_backup(file, passphrase) as backup:
                check_owner(backup.owner, self._owner)

        self.work(check, lambda _none: self._checked(file, passphrase), self._fail)

    def _choose(self) -> Path | None:
        return file_to_open(self, _("Backup"))

    def _checked(self, file: Path, passphrase: str) -> None:
        self.file, self.passphrase = file, passphrase
        self.accept()

    def _fail(self, error: Exception) -> None:
        self.set_busy(False)
        self.field.show_error(sentence(error))
        self.field.edit.setFocus()
        self.fit()
