"""The dialog that removes a device, and says what has to follow where it was lost or stolen."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import Choice, RequestDialog, icon_head
from messenger.language import _
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.device_lines import REMOVED, device_name
from messenger.windows.widgets.buttons import DangerButton, PlainButton, acting
from messenger.windows.widgets.labels import text


class RemoveDialog(RequestDialog):
    """Removes another device of the user.

    Signals: `removed`; `password_wanted` and `reset_wanted`, what the user wants to do next.
    """

    removed = pyqtSignal(str)
    password_wanted = pyqtSignal()
    reset_wanted = pyqtSignal()

    def __init__(self, bridge: Bridge, device: KnownDevice, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Remove a device"), parent)
        self.setObjectName("remove")
        self._device = device
        said = _("It is logged out, and gets no new messages. It keeps what it has already.")
        self.show_page(
            [icon_head("trash", _("Remove {name}?", name=device_name(device)), said, colour="bad")],
            [self.closing(_("Cancel")), acting(DangerButton(_("Remove")), self._remove)],
        )

    def _remove(self) -> None:
        device_id = self._device.device_id
        self.request(lambda client: client.keys.forget_device(device_id), self._advise)

    def _advise(self, _none: object) -> None:
        self.removed.emit(self._device.device_id)
        if self._device.approved:
            said = _(
                "It was approved, so it has the secret of your account. If it was lost or stolen, "
                "do both of these:"
            )
        else:
            said = _("If it was not yours, whoever used it knows your password: change it.")
        password = Choice(
            "lock-key", _("Change the password"), _("Nobody can log in with it then.")
        )
        keys = Choice("key", _("Make new keys"), _("The device can decrypt nothing new then."))
        choices: list[QWidget] = [acting(password, self._change_password)]
        if self._device.approved:
            choices.append(acting(keys, self._reset))
        self.show_page(
            [
                icon_head("check-circle", _("Removed"), _(REMOVED), colour="good"),
                text(said),
                *choices,
            ],
            [acting(PlainButton(_("Close")), self.accept)],
        )

    def _change_password(self) -> None:
        self.accept()
        self.password_wanted.emit()

    def _reset(self) -> None:
        self.accept()
        self.reset_wanted.emit()
