"""The dialog that asks whether a conversation that cannot be encrypted is written in plain."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.language import _
from messenger.ui.wording import shown_name
from messenger.windows.widgets.buttons import DangerButton, PrimaryButton, acting
from messenger.windows.widgets.labels import text


class UnencryptedDialog(RequestDialog):
    """Allows unencrypted messages in one conversation, if the user agrees."""

    def __init__(self, bridge: Bridge, conversation: str, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Send unencrypted"), parent)
        self.setObjectName("unencrypted")
        self._conversation = conversation
        said = _(
            "The server, and whoever has access to it, can read what you write to {name} as long "
            "as somebody there has no app that encrypts.",
            name=shown_name(conversation),
        )
        keep = PrimaryButton(_("Do not send"))
        self.show_page(
            [icon_head("lock-simple-open", _("Send unencrypted?"), colour="bad"), text(said)],
            [acting(DangerButton(_("Send unencrypted")), self._allow), acting(keep, self.reject)],
        )

    def _allow(self) -> None:
        name = self._conversation
        self.request(lambda client: client.keys.write_plain(name), lambda _none: self.accept())
