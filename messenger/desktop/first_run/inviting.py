"""An invitation for others to the user's own server: a link to copy, and its QR code."""

from PyQt6.QtWidgets import QWidget

from messenger.language import _, ngettext
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import mono, text
from messenger.windows.widgets.layouts import centred
from messenger.windows.widgets.qr_code import QrCode


class InvitationDialog(Dialog):
    """Shows a link that `guests` people can register with."""

    def __init__(self, link: str, guests: int, parent: QWidget | None = None) -> None:
        super().__init__(_("Invite others"), parent, width=440)
        self.setObjectName("invitation")
        said = ngettext(
            "{count} other person on this network can join with this link within a week.",
            "{count} others on this network can join with this link within a week.",
            guests,
        )
        self.body.addWidget(text(said, soft=True))
        self.body.addWidget(centred(QrCode(link, _("QR code of the invitation link"), side=220)))
        shown = mono(link)
        shown.setAccessibleName(_("Invitation link"))
        self.body.addWidget(shown)
        self.copy = CopyButton(_("Copy the link"), link, "primary")
        close = PlainButton(_("Close"))
        self.add_buttons(close, self.copy)
        close.clicked.connect(self.accept)
