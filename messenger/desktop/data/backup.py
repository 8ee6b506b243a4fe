"""The dialog that saves all local data to an encrypted file."""

from pathlib import Path

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.data.passphrase_fields import PassphraseFields
from messenger.desktop.data.working import FileRow, WorkingDialog
from messenger.desktop.dialog_pages import icon_head
from messenger.language import _
from messenger.sdk.backup import back_up
from messenger.windows.file_questions import file_to_save
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.labels import text

BACKUPS = ".messenger-backup"


class BackupDialog(WorkingDialog):
    """Asks for a file and a passphrase, and writes the backup."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Backup"), parent)
        self.setObjectName("backup")
        self.row = FileRow(_("Choose a file…"), self._choose)
        self.passphrase = PassphraseFields(bridge)
        said = _(
            "All messages, keys and settings of this profile, in one file that opens with a "
            "passphrase of its own. Without the passphrase nobody can open it, nor can you."
        )
        self.show_page(
            [icon_head("download-simple", _("Back up your data"), said), self.row, self.passphrase],
            [self.closing(_("Cancel")), acting(PrimaryButton(_("Back up")), self.start)],
        )

    def start(self) -> None:
        """Write the backup, if all is filled in."""
        passphrase = self.passphrase.checked()
        file = self.row.file
        if file is None:
            self.show_error(_("Choose a file first."))
            return
        if passphrase is None:
            self.fit()
            return
        self.work(
            lambda client, progress: back_up(client.store, file, passphrase, progress),
            lambda _none: self._end(file),
            self.refused,
        )

    def _choose(self) -> Path | None:
        name = _("Messenger backup of {name}", name=self.bridge.me) + BACKUPS
        return file_to_save(self, _("Save the backup"), name)

    def _end(self, file: Path) -> None:
        note = text(_("Keep it on another disk than this computer's."), soft=True)
        self.show_end(
            "check-circle", _("Backed up"), _("The backup is in {file}.", file=file), note
        )
