"""The dialog with the code and the link with which somebody sets a forgotten password anew."""

from PyQt6.QtWidgets import QWidget

from messenger.language import _
from messenger.sdk.administration.results import PasswordReset
from messenger.ui.quantities import date_and_time
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog, open_dialog
from messenger.windows.widgets.labels import mono, text, title
from messenger.windows.widgets.layouts import centred
from messenger.windows.widgets.qr_code import QrCode

_QR = 200


class ResetCode(Dialog):
    """Shows a code once, to be given to the person whose account it is for."""

    def __init__(self, name: str, made: PasswordReset, parent: QWidget | None) -> None:
        super().__init__(_("A new password for {name}", name=name), parent, width=460)
        said = _(
            "Give the code to {name} in person or by telephone: whoever has it can log in as"
            " {name}. It is valid once, until {until}, and shown only now.",
            name=name,
            until=date_and_time(made.expires),
        )
        self.body.addWidget(text(said, soft=True))
        code = title(made.reset_code)
        code.setAccessibleName(_("Code for a new password"))
        self.body.addWidget(centred(code))
        if made.warning:
            self.body.addWidget(Banner(made.warning, icon_name="warning"))
        self.copy_code = CopyButton(_("Copy the code"), made.reset_code, "primary")
        buttons = [acting(PlainButton(_("Close")), self.accept)]
        if made.link:
            picture = QrCode(made.link, _("QR code of the link for a new password"), side=_QR)
            self.body.addWidget(centred(picture))
            link = mono(made.link)
            link.setAccessibleName(_("Link for a new password"))
            self.body.addWidget(link)
            self.copy_link = CopyButton(_("Copy the link"), made.link, "plain")
            buttons.append(self.copy_link)
        self.add_buttons(*buttons, self.copy_code)
        self.copy_code.setFocus()


def show_reset_code(name: str, made: PasswordReset, parent: QWidget | None) -> None:
    """Show the code of an account above a window."""
    open_dialog(ResetCode(name, made, parent))
