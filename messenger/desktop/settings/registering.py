"""The dialog with which a guest makes an account of the name."""

from PyQt6.QtWidgets import QWidget

from messenger.crypto.passwords import check_policy
from messenger.desktop.first_run.strength_bar import StrengthBar
from messenger.desktop.wishes import Register
from messenger.language import _
from messenger.sdk.invitation import parse_link
from messenger.ui.errors import explain
from messenger.ui.wording import shown_name
from messenger.windows.gui_thread import GuiThread
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import text


class RegisterDialog(Dialog):
    """Asks for a password; if it is accepted, `wish` returns what the window is to close for."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(_("Register {name}", name=shown_name(name)), parent)
        self.setObjectName("register")
        self._name = name
        self._gui = GuiThread()
        said = _(
            "With a password the name stays yours, and your messages are encrypted. The window "
            "closes for a moment; your messages stay."
        )
        self.password = Field(_("Password"), secret=True)
        self.repeated = Field(_("Password again"), secret=True)
        self.strength = StrengthBar(self._gui)
        self.invitation = Field(
            _("Invitation link"), help=_("Only if the server asks for one. It may be left empty.")
        )
        self.body.addWidget(text(said, soft=True))
        for widget in (self.password, self.strength, self.repeated, self.invitation):
            self.body.addWidget(widget)
        cancel = PlainButton(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = PrimaryButton(_("Register"))
        self.go.clicked.connect(self._check)
        self.add_buttons(cancel, self.go)
        self.password.edit.textChanged.connect(self._rate)
        self.password.setFocus()

    def wish(self) -> Register:
        """Return the password, and the token of the invitation; raises ValueError for its link."""
        link = self.invitation.text.strip()
        return Register(self.password.text, parse_link(link).token or None if link else None)

    def _rate(self, words: str) -> None:
        self.strength.rate(words, self._name)
        self.fit()

    def _check(self) -> None:
        for field in (self.password, self.repeated, self.invitation):
            field.show_error("")
        try:
            check_policy(self.password.text, self._name)
        except ValueError as error:
            self._refuse(self.password, explain(error))
            return
        if self.password.text != self.repeated.text:
            self._refuse(self.repeated, _("The passwords do not match."))
            return
        try:
            self.wish()
        except ValueError as error:
            self._refuse(self.invitation, explain(error))
            return
        self.accept()

    def _refuse(self, field: Field, words: str) -> None:
        field.show_error(words)
        field.edit.setFocus()
        self.fit()
