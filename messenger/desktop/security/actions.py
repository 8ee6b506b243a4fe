"""What the buttons of notices do: most open a dialog of this package."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.security.approving import ApproveDialog
from messenger.desktop.security.be_approved import BeApprovedDialog
from messenger.desktop.security.devices import DevicesDialog
from messenger.desktop.security.log_in import LogInDialog
from messenger.desktop.security.recovery import RecoveryCodeDialog
from messenger.desktop.security.steps import Step
from messenger.desktop.security.unencrypted import UnencryptedDialog
from messenger.desktop.security.verification import VerificationDialog
from messenger.language import N_
from messenger.sdk.client import Client
from messenger.sdk.store import MessageState
from messenger.ui.notices import Do, NoticeAction
from messenger.ui.rooms import join_room
from messenger.windows.widgets.dialog import Dialog, open_dialog

LABELS: dict[Do, str] = {
    Do.VERIFY: N_("Verify…"),
    Do.COMPARE_EMOJI: N_("Compare emoji"),
    Do.SAY_SAME: N_("They match"),
    Do.SAY_DIFFERENT: N_("They do not match"),
    Do.APPROVE_DEVICE: N_("It is mine: approve…"),
    Do.REMOVE_DEVICE: N_("Not mine…"),
    Do.REPLACE_KEYS: N_("Not mine…"),
    Do.BE_APPROVED: N_("Approve…"),
    Do.RECOVER: N_("Recovery code…"),
    Do.RECOVER_KEPT: N_("Use the keys kept here"),
    Do.SHOW_RECOVERY_CODE: N_("Show the code…"),
    Do.JOIN: N_("Join"),
    Do.SEND_UNENCRYPTED: N_("Send unencrypted…"),
    Do.SEND_AGAIN: N_("Send again"),
    Do.RESTORE: N_("Restore…"),
    Do.REGISTER: N_("Register…"),
    Do.LOG_IN: N_("Log in…"),
    Do.LOG_IN_WITH_PASSWORD: N_("Log in…"),
}
"""The texts of the buttons, untranslated."""

_RESENDABLE = 50


class Window(Protocol):
    """What notices need of the window that shows them."""

    def open_conversation(self, name: str) -> None:
        """Open a conversation."""

    def change_password(self) -> None:
        """Let the user change the password."""

    def register(self) -> None:
        """Let a guest make an account."""

    def restore(self, file: Path | None) -> None:
        """Let the user restore a backup; None: he chooses its file."""


class Actions(QObject):
    """Does what a user can do about a notice.

    Signals: `done`, with the action, once it has succeeded: the notice is obsolete then;
    `devices_changed`, after one of the user's devices was approved or removed.
    """

    done = pyqtSignal(object)
    devices_changed = pyqtSignal()

    def __init__(self, bridge: Bridge, window: Window, parent: QWidget) -> None:
        """Dialogs belong to `parent`, usually the window itself."""
        super().__init__(parent)
        self.verifying: set[str] = set()
        self._bridge = bridge
        self._window = window
        self._parent = parent
        self._table: dict[Do, Callable[[NoticeAction], None]] = {
            Do.VERIFY: self._verify,
            Do.COMPARE_EMOJI: self._compare,
            Do.SAY_SAME: self._agree,
            Do.SAY_DIFFERENT: self._differ,
            Do.APPROVE_DEVICE: lambda _action: self._approve(),
            Do.REMOVE_DEVICE: lambda _action: self.show_devices(),
            Do.REPLACE_KEYS: lambda _action: self.show_devices(),
            Do.BE_APPROVED: lambda action: self._show(BeApprovedDialog, action),
            Do.RECOVER: self._recover,
            Do.RECOVER_KEPT: self._recover_kept,
            Do.SHOW_RECOVERY_CODE: lambda action: self._show(RecoveryCodeDialog, action),
            Do.JOIN: self._join,
            Do.SEND_UNENCRYPTED: self._send_unencrypted,
            Do.SEND_AGAIN: self._send_again,
            Do.RESTORE: lambda action: window.restore(Path(action.to)),
            Do.REGISTER: lambda _action: window.register(),
            Do.LOG_IN: lambda _action: self.log_in(),
            Do.LOG_IN_WITH_PASSWORD: lambda _action: self.log_in(),
        }

    def do(self, action: NoticeAction) -> None:
        """Do something about a notice."""
        self._table[action.do](action)

    def verify(self, account: str, *, compares_emoji: bool = False) -> VerificationDialog:
        """Open the dialog that verifies somebody."""
        dialog = VerificationDialog(
            self._bridge, account, self._parent, compares_emoji=compares_emoji
        )
        self.verifying.add(account)
        dialog.finished.connect(lambda: self.verifying.discard(account))
        open_dialog(dialog)
        return dialog

    # --- dialogs -------------------------------------------------------------------------------

    def _show(self, kind: Callable[[Bridge, QWidget], Dialog], action: NoticeAction) -> None:
        dialog = kind(self._bridge, self._parent)
        dialog.accepted.connect(lambda: self.done.emit(action))
        open_dialog(dialog)

    def _verify(self, action: NoticeAction) -> None:
        dialog = self.verify(action.to)

        def decided() -> None:
            self.done.emit(action)
            if dialog.step is Step.ACCEPTING:  # Its button has promised that.
                self._send_again(NoticeAction(Do.SEND_AGAIN, action.to))

        dialog.decided.connect(decided)

    def _compare(self, action: NoticeAction) -> None:
        self.verify(action.to, compares_emoji=True)
        # Whatever comes of it, the dialog shows it.
        self.done.emit(action)

    def _approve(self) -> None:
        dialog = ApproveDialog(self._bridge, self._parent)
        # Which one it was only the server knows: there may be several new devices.
        dialog.accepted.connect(self.devices_changed)
        open_dialog(dialog)

    def show_devices(self) -> None:
        """Open the dialog of the user's devices."""
        dialog = DevicesDialog(self._bridge, self._parent)
        dialog.finished.connect(self.devices_changed)
        dialog.password_wanted.connect(self._window.change_password)
        open_dialog(dialog)

    def log_in(self) -> None:
        """Open the dialog that logs in again; being online removes the notice that offers it."""
        open_dialog(LogInDialog(self._bridge, self._parent))

    def _recover(self, action: NoticeAction) -> None:
        dialog = BeApprovedDialog(self._bridge, self._parent, recovers=True)
        dialog.accepted.connect(lambda: self.done.emit(action))
        open_dialog(dialog)

    def _send_unencrypted(self, action: NoticeAction) -> None:
        dialog = UnencryptedDialog(self._bridge, action.to, self._parent)
        dialog.accepted.connect(lambda: self._send_again(NoticeAction(Do.SEND_AGAIN, action.to)))
        open_dialog(dialog)

    # --- at once -------------------------------------------------------------------------------

    def _request(self, action: NoticeAction, do: Callable[[Client], object]) -> None:
        self._bridge.request(do, lambda _none: self.done.emit(action), owner=self)

    def _agree(self, action: NoticeAction) -> None:
        self._request(action, lambda client: client.keys.agree(action.to))

    def _differ(self, action: NoticeAction) -> None:
        self._request(action, lambda client: client.keys.differ(action.to))

    def _recover_kept(self, action: NoticeAction) -> None:
        self._request(action, lambda client: client.keys.recover_kept())

    def _join(self, action: NoticeAction) -> None:
        def joined(room: str) -> None:
            self.done.emit(action)
            self._window.open_conversation(room)

        self._bridge.request(lambda client: join_room(client, action.to)[0], joined, owner=self)

    def _send_again(self, action: NoticeAction) -> None:
        self._request(action, lambda client: _send_again(client, action.to))


def _send_again(client: Client, conversation: str) -> None:
    """Send all failed messages at the end of a conversation again, in their order."""
    for message in client.store.page(conversation, limit=_RESENDABLE):
        if message.state is MessageState.FAILED:
            client.send_again(message)
