"""The dialog that logs in again, after the server has refused the saved login."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import NoReply
from messenger.ui.login import next_step
from messenger.ui.wording import shown_name
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.field import Field

_PATIENCE = 30.0
"""Seconds to wait for the server; the client goes on trying after that."""


class LogInDialog(RequestDialog):
    """Asks for the password of the user's account; accepted once the client is online."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Log in"), parent)
        self.setObjectName("log in")
        self.field = Field(_("Password of {name}", name=shown_name(bridge.me)), secret=True)
        said = _("Messages that you write until then are queued.")
        self.show_page(
            [icon_head("sign-in", _("Log in again"), said), self.field],
            [self.closing(_("Later")), acting(PrimaryButton(_("Log in")), self._log_in)],
        )

    def _log_in(self) -> None:
        credentials = Credentials(self.bridge.me, self.field.text)

        def log_in(client: Client) -> None:
            client.log_in(credentials)
            if not client.wait_until_online(_PATIENCE):
                raise NoReply

        def failed(error: Exception) -> None:
            if isinstance(error, ProtocolError):
                self.set_busy(False)
                self.field.show_error(next_step(error, credentials).reason)
                self.fit()
            else:
                self.refused(error)

        self.field.show_error("")
        self.request(log_in, lambda _none: self.accept(), failed)
