"""The window that asks for a server and an administrator's account."""

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal

from messenger.admin_window.opening import Away
from messenger.language import _
from messenger.sdk.administration import Administration
from messenger.ui.errors import explain
from messenger.windows.gui_thread import GuiThread
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import text

Connect = Callable[[Away], Administration]


class LoginDialog(Dialog):
    """Logs in, in a thread. Signals: `connected`, the server's address and its administration."""

    connected = pyqtSignal(object, object)

    def __init__(self, gui: GuiThread, given: Away) -> None:
        """`given` is what is known already."""
        super().__init__(_("Administer a server"), None, width=420)
        self.setModal(False)
        self._gui = gui
        self._fingerprint = given.fingerprint
        self.body.addWidget(
            text(
                _("Log in with an account that has the role of an administrator on the server."),
                soft=True,
            )
        )
        self.server = Field(_("Server"), help=_("Host, or host:port"))
        self.name = Field(_("Name"))
        self.password = Field(_("Password"), secret=True)
        fields = (
            (self.server, given.address),
            (self.name, given.name),
            (self.password, given.password),
        )
        for field, known in fields:
            field.edit.setText(known)
            self.body.addWidget(field)
        self.log_in = PrimaryButton(_("Log in"))
        self.add_buttons(
            acting(PlainButton(_("Cancel")), self.reject), acting(self.log_in, self.submit)
        )
        next((field for field, known in fields if not known), self.password).setFocus()

    def submit(self) -> None:
        """Try to log in, if all is given."""
        wanted = (
            (self.server, _("Type the server's address")),
            (self.name, _("Type your name")),
            (self.password, _("Type your password")),
        )
        empty = [field for field, _words in wanted if not field.text.strip()]
        for field, words in wanted:
            field.show_error(words if field in empty else "")
        if empty:
            empty[0].setFocus()
            return
        given = Away(
            self.server.text.strip(), self.name.text.strip(), self.password.text, self._fingerprint
        )
        self._set_waiting(True)
        self._gui.run(
            given.open,
            lambda administration: self.connected.emit(given, administration),
            self._refused,
            self,
        )

    def _set_waiting(self, waiting: bool) -> None:
        self.set_busy(waiting)
        self.log_in.setEnabled(not waiting)

    def _refused(self, error: Exception) -> None:
        self._set_waiting(False)
        # Loaded by now, as the library has raised it.
        from messenger.sdk.server_identity import ServerChanged
        from messenger.ui.server_keys import change_of

        if isinstance(error, ServerChanged):
            change = change_of(error)
            parts = (change.title, change.meaning, change.before, change.now)
            self.show_error("\n\n".join(part for part in parts if part))
        else:
            self.show_error(explain(error))
        self.password.setFocus()
        self.password.edit.selectAll()
