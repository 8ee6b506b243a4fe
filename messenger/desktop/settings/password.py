"""Changing the password of the account."""

from PyQt6.QtWidgets import QWidget

from messenger.crypto.passwords import check_policy
from messenger.desktop.bridge import Bridge
from messenger.desktop.first_run.strength_bar import StrengthBar
from messenger.jim.errors import WrongPassword
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.profiles import Profile
from messenger.ui.errors import explain
from messenger.windows.gui_thread import GuiThread
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import text


class PasswordDialog(Dialog):
    """Asks for the old password and a new one; accepted once it is changed.

    `made` is the password if it was generated for the user, who may not know it.
    """

    def __init__(
        self, bridge: Bridge, profile: Profile, made: str | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("Change password"), parent)
        self.setObjectName("password")
        self._bridge = bridge
        self._profile = profile
        self._made = made
        self._gui = GuiThread()
        self.old = Field(_("Old password"), secret=True)
        self.new = Field(_("New password"), secret=True)
        self.repeated = Field(_("New password again"), secret=True)
        self.strength = StrengthBar(self._gui)
        if made is None:
            self.body.addWidget(self.old)
        else:
            self.old.setParent(self)
            self.old.hide()
            self.body.addWidget(
                text(_("Your password was generated for you. Choose another."), soft=True)
            )
        for widget in (self.new, self.strength, self.repeated):
            self.body.addWidget(widget)
        cancel = PlainButton(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = PrimaryButton(_("Change"))
        self.go.clicked.connect(self._change)
        self.add_buttons(cancel, self.go)
        self.new.edit.textChanged.connect(self._rate)
        (self.new if made else self.old).setFocus()

    def _rate(self, words: str) -> None:
        self.strength.rate(words, self._bridge.me)
        self.fit()

    def _change(self) -> None:
        for field in (self.old, self.new, self.repeated):
            field.show_error("")
        old, new = self._made or self.old.text, self.new.text
        try:
            check_policy(new, self._bridge.me)
        except ValueError as error:
            self._refuse(self.new, explain(error))
            return
        if new != self.repeated.text:
            self._refuse(self.repeated, _("The passwords do not match."))
            return
        self.set_busy(True)
        self.go.setEnabled(False)

        def change(client: Client) -> None:
            client.change_password(old, new)
            self._profile.replace_password(new)

        self._bridge.request(change, lambda _none: self.accept(), owner=self, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self.set_busy(False)
        self.go.setEnabled(True)
        if isinstance(error, WrongPassword) and self._made is None:
            self._refuse(self.old, explain(error))
        else:
            self.show_error(explain(error))

    def _refuse(self, field: Field, words: str) -> None:
        field.show_error(words)
        field.edit.setFocus()
        self.fit()
