"""The dialogs that the window's menus and notices open."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt

from messenger.desktop.wishes import Restore
from messenger.language import _
from messenger.sdk.backup import Owner
from messenger.sdk.store import StoredMessage
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.dialog import Dialog, open_dialog

if TYPE_CHECKING:
    from messenger.desktop.main_window import MainWindow


class WindowDialogs(QObject):
    """Opens the dialogs of a main window.

    Their modules are imported when they are opened first: so the window comes up sooner.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def show_recovery_code(self) -> None:
        """Show the recovery code."""
        from messenger.desktop.security.recovery import RecoveryCodeDialog

        open_dialog(RecoveryCodeDialog(self._window.bridge, self._window))

    def export(self) -> None:
        """Export the open conversation to a file."""
        from messenger.desktop.data.export import ExportDialog

        name = self._window.controller.current
        open_dialog(ExportDialog(self._window.bridge, name, self._window))

    def report(self, name: str, message: StoredMessage | None = None) -> None:
        """Report somebody, or a room, with this message."""
        from messenger.desktop.people.report_dialog import ReportDialog

        window = self._window
        current = window.controller.current
        open_dialog(ReportDialog(window.bridge, name, current, message, window))

    def report_message(self, message_id: int) -> None:
        """Report the sender of a loaded message, with its text, which may be hidden."""
        loaded = self._window.model.messages
        message = next((one for one in loaded if one.id == message_id), None)
        if message is not None:
            self.report(message.sender, message)

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        from messenger.windows.widgets.qr_code import QrCode

        dialog = Dialog(_("QR code"), self._window, width=340)
        dialog.body.addWidget(QrCode(text, _("QR code"), side=260), 0, Qt.AlignmentFlag.AlignCenter)
        close = PlainButton(_("Close"))
        close.clicked.connect(dialog.accept)
        dialog.add_buttons(close)
        open_dialog(dialog)

    def backup(self) -> None:
        """Back up local data."""
        from messenger.desktop.data.backup import BackupDialog

        open_dialog(BackupDialog(self._window.bridge, self._window))

    def show_help(self) -> None:
        """Show the keys and commands."""
        from messenger.desktop.settings.opening import open_key_sheet

        open_key_sheet(self._window)

    def show_settings(self, page: str = "general") -> None:
        """Show the settings."""
        from messenger.desktop.settings.opening import open_settings

        open_settings(self._window, page)

    def change_password(self) -> None:
        """Let the user change the password."""
        from messenger.desktop.settings.opening import open_password

        open_password(self._window)

    def register(self) -> None:
        """Let a guest make an account of the name."""
        from messenger.desktop.settings.registering import RegisterDialog

        dialog = RegisterDialog(self._window.bridge.me, self._window)
        dialog.accepted.connect(lambda: self._window.leaving.emit(dialog.wish()))
        open_dialog(dialog)

    def restore(self, file: Path | None = None) -> None:
        """Let the user restore a backup; None: he chooses its file."""
        from messenger.desktop.data.restore import RestoreDialog

        window, record = self._window, self._window.profile.record
        if record is None:  # The data were deleted meanwhile.
            return
        owner = Owner(record.account, record.address, record.port, record.encryption)
        dialog = RestoreDialog(window.bridge, owner, window, file)

        def accepted() -> None:
            if dialog.file is not None:
                window.leaving.emit(Restore(dialog.file, dialog.passphrase))

        dialog.accepted.connect(accepted)
        open_dialog(dialog)
