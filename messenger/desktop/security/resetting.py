"""The dialog that starts over with new keys, and says first what that costs."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, bullets, icon_head
from messenger.language import _
from messenger.windows.widgets.buttons import DangerButton, acting
from messenger.windows.widgets.switch import Switch


class ResetDialog(RequestDialog):
    """Makes a new identity for the account; it is accepted once that has happened."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Start over with new keys"), parent)
        self.setObjectName("reset")
        costs = [
            _("Older messages that this device cannot read now stay unreadable."),
            _("Your contacts are told that your keys have changed, and should verify you again."),
            _("All your other devices have to be approved again."),
            _("Your recovery code is no longer valid: you get a new one."),
        ]
        self._sure = Switch(_("I understand, and want new keys"))
        start = DangerButton(_("Start over"))
        start.setEnabled(False)
        self._sure.toggled.connect(start.setEnabled)
        said = _(
            "Do this if a device with your keys was stolen, or if you have lost all devices and "
            "the recovery code."
        )
        self.show_page(
            [
                icon_head("key", _("Start over with new keys?"), said, colour="bad"),
                bullets(costs),
                self._sure,
            ],
            [self.closing(_("Cancel")), acting(start, self._reset)],
        )

    def _reset(self) -> None:
        self.request(lambda client: client.keys.reset(), lambda _none: self.accept())
