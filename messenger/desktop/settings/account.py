"""The page of the account: who one is, the password, logging out, deleting local data."""

from typing import NamedTuple

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.settings.hooks import Hooks
from messenger.desktop.settings.leaving import DeleteDataDialog, LogOutDialog
from messenger.desktop.settings.parts import Page, action_row
from messenger.desktop.settings.password import PasswordDialog
from messenger.language import _
from messenger.sdk.client import Client
from messenger.ui.conversation import ConversationController
from messenger.ui.wording import server_name, shown_name
from messenger.windows.look.avatars import avatar
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import DangerButton, PlainButton, acting
from messenger.windows.widgets.dialog import open_dialog
from messenger.windows.widgets.labels import text, title

_PICTURE = 56


class _Known(NamedTuple):
    """What a thread has found out: a guest has no password; `made` is a generated one."""

    is_guest: bool
    made: str | None


class AccountPage(Page):
    """The user's account; its buttons work once it is known whether it is a guest's."""

    def __init__(self, bridge: Bridge, controller: ConversationController, hooks: Hooks) -> None:
        super().__init__(_("Account"))
        self._bridge = bridge
        self._profile = controller.profile
        self._hooks = hooks
        self._known: _Known | None = None
        record = self._profile.record
        self._server = server_name(record.address, record.port, briefly=True) if record else ""
        self._about = text(self._server, soft=True)
        self.password = PlainButton(_("Change…"))
        self.log_out = PlainButton(_("Log out…"))
        self.delete = DangerButton(_("Delete…"))
        said = _("Others stay logged in: remove devices that are not yours as well.")
        self._password_row = action_row(_("Password"), said, self.password)
        self.add(self._head(), self._password_row)
        said = _("As a guest you have the name only while you are online.")
        self.register = PlainButton(_("Register…"))
        self._register_row = action_row(_("Account"), said, self.register)
        self._register_row.hide()
        self.add(self._register_row)
        if hooks.register is not None:
            acting(self.register, hooks.register)
        if hooks.logged_out is not None:
            said = _("Remove the saved login. Your messages stay on this computer.")
            self.add(action_row(_("Log out"), said, self.log_out))
        if hooks.delete_data is not None:
            said = _("Delete all messages, keys and settings on this computer.")
            self.add(action_row(_("Local data"), said, self.delete))
        self.end()
        for button, do in (
            (self.password, self._change_password),
            (self.log_out, self._log_out),
            (self.delete, self._delete),
        ):
            button.setEnabled(False)
            button.clicked.connect(do)

        def look(client: Client) -> _Known:
            return _Known(client.core.is_guest, controller.made_password())

        bridge.read(look, self._show, owner=self)

    def _head(self) -> QWidget:
        picture = QLabel()
        picture.setPixmap(avatar(self._bridge.me, _PICTURE, self.devicePixelRatioF()))
        picture.setFixedWidth(_PICTURE)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(title(shown_name(self._bridge.me)))
        words.addWidget(self._about)
        words.addStretch(1)
        found = QWidget()
        layout = QHBoxLayout(found)
        layout.setContentsMargins(0, 0, 0, Space.XS)
        layout.setSpacing(Space.L)
        layout.addWidget(picture)
        layout.addLayout(words, 1)
        return found

    def _show(self, known: _Known) -> None:
        self._known = known
        self._password_row.setVisible(not known.is_guest)
        self._register_row.setVisible(known.is_guest and self._hooks.register is not None)
        if known.is_guest:
            self._about.setText(_("{server}, as a guest without a password", server=self._server))
        for button in (self.password, self.log_out, self.delete):
            button.setEnabled(True)

    def _change_password(self) -> None:
        assert self._known is not None
        dialog = PasswordDialog(self._bridge, self._profile, self._known.made, self)
        dialog.accepted.connect(self._password_changed)
        open_dialog(dialog)

    def _password_changed(self) -> None:
        self._known = _Known(is_guest=False, made=None)
        self._about.setText(_("The password is changed"))

    def _log_out(self) -> None:
        assert self._known is not None
        assert self._hooks.logged_out is not None
        open_dialog(
            LogOutDialog(
                self._bridge, self._profile, self._known.made, self._hooks.logged_out, self
            )
        )

    def _delete(self) -> None:
        assert self._known is not None
        assert self._hooks.delete_data is not None
        open_dialog(
            DeleteDataDialog(
                self._bridge, self._profile, self._known.made, self._hooks.delete_data, self
            )
        )
