"""The dialog that logs in again, after the server has refused the saved login."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import NoReply
from messenger.ui.login import Step, next_step
from messenger.ui.welcome_form import AFTER_RESET, CODE_HELP, code_in
from messenger.ui.wording import shown_name
from messenger.windows.widgets.buttons import LinkButton, PrimaryButton, acting
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import text

_PATIENCE = 30.0
"""Seconds to wait for the server; the client goes on trying after that."""


class LogInDialog(RequestDialog):
    """Asks for the password of the user's account, or sets a new one by an administrator's code.

    It is accepted once the client is online.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Log in"), parent)
        self.setObjectName("log in")
        self.field = Field(_("Password of {name}", name=shown_name(bridge.me)), secret=True)
        self.code = Field(_("Code or link from an administrator"), help=_(CODE_HELP))
        self.code.hide()
        self._after = text(_(AFTER_RESET), small=True)
        self._after.hide()
        self.forgot = acting(LinkButton(_("Forgot your password?")), self._show_code)
        said = _("Messages that you write until then are queued.")
        self.show_page(
            [
                icon_head("sign-in", _("Log in again"), said),
                *(self.code, self.field, self.forgot, self._after),
            ],
            [self.closing(_("Later")), acting(PrimaryButton(_("Log in")), self._log_in)],
        )

    def _show_code(self) -> None:
        self.forgot.hide()
        self._after.show()
        self.code.show()
        self.code.edit.setFocus()
        self.field.rename(_("New password"))
        self.field.clear()
        self.fit()

    def _log_in(self) -> None:
        code = code_in(self.code.text) if self.forgot.isHidden() else None
        credentials = Credentials(self.bridge.me, self.field.text, reset_code=code)

        def log_in(client: Client) -> None:
            client.log_in(credentials)
            if not client.wait_until_online(_PATIENCE):
                raise NoReply

        def failed(error: Exception) -> None:
            if isinstance(error, ProtocolError):
                self.set_busy(False)
                refusal = next_step(error, credentials)
                wrong = self.code if refusal.step is Step.CORRECT_CODE else self.field
                wrong.show_error(refusal.reason)
                self.fit()
            else:
                self.refused(error)

        for field in (self.code, self.field):
            field.show_error("")
        self.request(log_in, lambda _none: self.accept(), failed)
