"""The user's devices: a page for the settings, and a dialog that shows it by itself."""

from typing import NamedTuple

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import sentence
from messenger.desktop.security.approving import ApproveDialog
from messenger.desktop.security.be_approved import BeApprovedDialog
from messenger.desktop.security.button_row import ButtonRow
from messenger.desktop.security.device_row import DeviceRow
from messenger.desktop.security.logins import LoginsDialog
from messenger.desktop.security.recovery import RecoveryCodeDialog
from messenger.desktop.security.removing import RemoveDialog
from messenger.desktop.security.resetting import ResetDialog
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.events import ApprovalChanged, DeviceAppeared
from messenger.sdk.verbs.devices import KnownDevice
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import LinkButton, PlainButton
from messenger.windows.widgets.dialog import Dialog, open_dialog
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.progress import ProgressLine


class _Found(NamedTuple):
    """The devices, and whether this one is approved."""

    devices: list[KnownDevice]
    is_approved: bool


class DevicesPage(QWidget):
    """The user's devices, kept up to date.

    Signals: `changed`, after its height has; `password_wanted`, when the user wants to change the
    password after a device was removed.
    """

    changed = pyqtSignal()
    password_wanted = pyqtSignal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.rows: list[DeviceRow] = []
        self._waiting = ProgressLine()
        self._error = text("")
        self._error.setObjectName("error")
        self._error.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(Space.S)
        self._approve = PlainButton(_("Approve a device…"))
        self._approve.clicked.connect(self._show_approving)
        self._be_approved = PlainButton(_("Approve this device…"))
        self._be_approved.clicked.connect(self._show_be_approved)
        self._code = PlainButton(_("Recovery code…"))
        self._code.clicked.connect(lambda: open_dialog(RecoveryCodeDialog(bridge, self)))
        logins = LinkButton(_("Recent logins…"))
        logins.clicked.connect(lambda: open_dialog(LoginsDialog(bridge, self)))
        buttons = (self._approve, self._be_approved, self._code)
        for button in buttons:
            button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M)
        for widget in (self._waiting, self._error):
            layout.addWidget(widget)
        layout.addLayout(self._list)
        layout.addWidget(ButtonRow(buttons))
        layout.addWidget(logins, 0, Qt.AlignmentFlag.AlignLeft)
        bridge.happened.connect(self._take)
        self.reload()

    def reload(self) -> None:
        """Ask the server for the devices."""
        self._waiting.show()
        self._bridge.request(_look, self._show_devices, owner=self, failed=self._refused)

    def _take(self, events: list[object]) -> None:
        if any(
            isinstance(event, ApprovalChanged)
            or (isinstance(event, DeviceAppeared) and event.account == self._bridge.me)
            for event in events
        ):
            self.reload()

    def _refused(self, error: Exception) -> None:
        self._waiting.hide()
        self._error.setText(sentence(error))
        self._error.show()
        self.changed.emit()

    def _show_devices(self, found: _Found) -> None:
        self._waiting.hide()
        self._error.hide()
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        # This device first, then those that wait to be approved, then the latest.
        devices = sorted(
            found.devices,
            key=lambda one: (
                not one.is_this,
                one.approved or not one.fingerprint,
                -(one.last_seen or 0),
            ),
        )
        self.rows = [DeviceRow(one, may_approve=found.is_approved) for one in devices]
        for row in self.rows:
            row.removed.connect(self._remove)
            row.approved.connect(self._show_approving)
            self._list.addWidget(row)
            row.show()
        self._approve.setVisible(found.is_approved)
        self._code.setVisible(found.is_approved)
        self._be_approved.setVisible(not found.is_approved)
        self.changed.emit()

    # --- dialogs -------------------------------------------------------------------------------

    def _show_approving(self, _device: object = None) -> None:
        dialog = ApproveDialog(self._bridge, self)
        dialog.accepted.connect(self.reload)
        open_dialog(dialog)

    def _show_be_approved(self) -> None:
        open_dialog(BeApprovedDialog(self._bridge, self))

    def _remove(self, device: KnownDevice) -> None:
        dialog = RemoveDialog(self._bridge, device, self)
        dialog.removed.connect(self.reload)
        dialog.password_wanted.connect(self.password_wanted)
        dialog.reset_wanted.connect(lambda: open_dialog(ResetDialog(self._bridge, self)))
        open_dialog(dialog)


class DevicesDialog(Dialog):
    """The devices in a dialog of their own. Signals: `password_wanted`, as that of the page."""

    password_wanted = pyqtSignal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(_("Your devices"), parent, width=540)
        self.setObjectName("devices")
        self.page = DevicesPage(bridge)
        self.page.changed.connect(self.fit)
        self.page.password_wanted.connect(self.password_wanted)
        self.body.addWidget(self.page)
        close = PlainButton(_("Close"))
        close.clicked.connect(self.reject)
        self.add_buttons(close)


def _look(client: Client) -> _Found:
    return _Found(client.keys.own_devices(), client.keys.is_approved)
