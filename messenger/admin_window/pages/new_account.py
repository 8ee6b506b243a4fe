"""The dialog that adds an account with a first password."""

from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.admin_window.requests import Requests
from messenger.language import _
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import Role
from messenger.ui.errors import explain
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.switch import Switch


class NewAccount(Dialog):
    """Asks for a name and a password. Signals: `added`, with the name."""

    added = pyqtSignal(str)

    def __init__(self, requests: Requests, parent: QWidget | None) -> None:
        super().__init__(_("New account"), parent, width=420)
        self._requests = requests
        self.body.addWidget(
            text(
                _(
                    "With an invitation people choose their own name and password. Add an account"
                    " yourself for a program, or for somebody whom you tell the password."
                ),
                soft=True,
            )
        )
        self.name = Field(_("Name"))
        self.password = Field(
            _("Password"), secret=True, help=_("The server never learns it. It can be changed.")
        )
        self.is_administrator = Switch(_("Administrator"))
        for part in (self.name, self.password, self.is_administrator):
            self.body.addWidget(part)
        self.add = PrimaryButton(_("Add"))
        self.add_buttons(
            acting(PlainButton(_("Cancel")), self.reject), acting(self.add, self._submit)
        )
        self.name.setFocus()

    def _submit(self) -> None:
        name, password = self.name.text.strip(), self.password.text
        self.name.show_error("" if name else _("Type a name"))
        self.password.show_error("" if password else _("Type a password"))
        if not name or not password:
            return
        self.set_busy(True)
        role: Role = "administrator" if self.is_administrator.isChecked() else "user"
        self._requests.ask(
            partial(_add, name=name, password=password, role=role),
            lambda _reply: self._done(name),
            failed=self._refused,
            owner=self,
        )

    def _done(self, name: str) -> None:
        self.accept()
        self.added.emit(name)

    def _refused(self, error: Exception) -> None:
        self.set_busy(False)
        self.show_error(explain(error))


def _add(server: Administration, *, name: str, password: str, role: Role) -> object:
    return server.add_account(name, password, role=role)
