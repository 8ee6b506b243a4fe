"""The dialog in which an approved device approves a new one, by the code that it shows."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.desktop.security.code_source import CodeSource
from messenger.language import _
from messenger.ui.codes import device_mistake
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.field import Field


class ApproveDialog(RequestDialog):
    """Approves a new device of the user; it is accepted once that has happened."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Approve a device"), parent)
        self.setObjectName("approve")
        self._code = Field(_("Code that the new device shows"))
        self._code.edit.setPlaceholderText("ABCDE-FGHIJ-…")
        source = CodeSource(bridge)
        source.found.connect(self._read)
        source.failed.connect(self._code.show_error)
        said = _(
            "It can then read your messages, older ones too. Approve only a device that you hold "
            "in your hands."
        )
        self.show_page(
            [icon_head("device-mobile", _("Approve a device"), said), self._code, source],
            [
                self.closing(_("Cancel")),
                acting(PrimaryButton(_("Approve")), lambda: self._approve(self._code.text)),
            ],
        )

    def _read(self, code: str) -> None:
        self._code.edit.setText(code)
        self._approve(code)

    def _approve(self, code: str) -> None:
        if mistake := device_mistake(code):
            self._code.show_error(mistake)
            self.fit()
            return
        self._code.show_error("")
        self.request(
            lambda client: client.keys.approve(code), self._approved, self.retry_at(self._code)
        )

    def _approved(self, _none: object) -> None:
        done = PrimaryButton(_("Done"))
        said = _("It gets your older messages now; that can take a few minutes.")
        self.show_page(
            [icon_head("shield-check", _("The device is approved"), said, colour="good")],
            [acting(done, self.accept)],
        )
