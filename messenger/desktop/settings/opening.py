"""Opens the dialogs of this package for a main window, which has what they need."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from messenger.desktop.data.backup import BackupDialog
from messenger.desktop.data.export import ExportDialog
from messenger.desktop.data.protection import ProtectionDialog
from messenger.desktop.security.devices import DevicesPage
from messenger.desktop.settings.blocked import BlockedPage
from messenger.desktop.settings.changes import Changes
from messenger.desktop.settings.dialog import SettingsDialog
from messenger.desktop.settings.hooks import Hooks
from messenger.desktop.settings.key_sheet import KeySheet
from messenger.desktop.settings.password import PasswordDialog
from messenger.desktop.wishes import Ending
from messenger.language import _
from messenger.windows.widgets.dialog import open_dialog

if TYPE_CHECKING:
    from messenger.desktop.main_window import MainWindow


def open_settings(window: "MainWindow", page: str = "general") -> SettingsDialog:
    """Open the settings at a page, by its name."""
    controller = window.controller
    changes = Changes(lambda: controller.preferences, window.actions_of.prefer)
    dialog: SettingsDialog

    def devices() -> QWidget:
        made = DevicesPage(window.bridge)
        made.password_wanted.connect(lambda: dialog.show_page("account"))
        return made

    hooks = Hooks(
        devices=devices,
        blocked=lambda: BlockedPage(window.bridge),
        back_up=lambda parent: open_dialog(BackupDialog(window.bridge, parent)),
        export=lambda parent: open_dialog(ExportDialog(window.bridge, controller.current, parent)),
        protect=lambda parent: open_dialog(ProtectionDialog(window.bridge, window.profile, parent)),
        restore=lambda _parent: window.actions_of.restore(None),
        logged_out=lambda is_notified: window.leaving.emit(
            Ending.LOGGED_OUT if is_notified else Ending.LOGGED_OUT_OFFLINE
        ),
        delete_data=lambda: window.leaving.emit(Ending.DELETE),
        register=window.actions_of.register,
        restart=lambda: window.leaving.emit(Ending.RESTART),
        test_notification=lambda: window.notifications.announcer.tell(
            _("This is what a notification looks like.")
        ),
        has_tray=window.notifications.tray is not None,
    )
    dialog = SettingsDialog(window.bridge, controller, changes, hooks, window, page=page)
    open_dialog(dialog)
    return dialog


def open_key_sheet(window: "MainWindow", first: str = "keys") -> KeySheet:
    """Open the sheet of keys and commands; `first` is `keys` or `commands`."""
    dialog = KeySheet(window.controller.preferences.send_key, window, first=first)
    open_dialog(dialog)
    return dialog


def open_password(window: "MainWindow") -> None:
    """Open the dialog that changes the password."""

    def show(made: str | None) -> None:
        open_dialog(PasswordDialog(window.bridge, window.profile, made, window))

    window.bridge.read(lambda _client: window.controller.made_password(), show, owner=window)
