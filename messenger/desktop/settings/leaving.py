"""Logging out, and deleting what is on this computer: both say first what is lost."""

from collections.abc import Callable

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.language import _
from messenger.sdk.profiles import Profile
from messenger.ui.errors import explain
from messenger.windows.widgets.buttons import DangerButton, PlainButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import mono, text


class LogOutDialog(Dialog):
    """Asks whether to log out; accepted once that is done, and `done` gets if the server knows.

    `made` is the password if it was generated for the user, who may never have seen it.
    """

    def __init__(
        self,
        bridge: Bridge,
        profile: Profile,
        made: str | None,
        done: Callable[[bool], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_("Log out?"), parent)
        self.setObjectName("log_out")
        self._bridge = bridge
        self._profile = profile
        self._done = done
        said = _("The saved login is removed. Your messages stay on this computer, encrypted.")
        self.body.addWidget(text(said))
        _add_password(self, made)
        cancel = PlainButton(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = DangerButton(_("Log out"))
        self.go.clicked.connect(self._log_out)
        self.add_buttons(cancel, self.go)
        cancel.setFocus()

    def _log_out(self) -> None:
        self.set_busy(True)
        self.go.setEnabled(False)
        self._bridge.request(self._profile.log_out, self._ended, owner=self, failed=self._failed)

    def _ended(self, is_notified: bool) -> None:
        self.accept()
        self._done(is_notified)

    def _failed(self, error: Exception) -> None:
        self.set_busy(False)
        self.go.setEnabled(True)
        self.show_error(explain(error))


class DeleteDataDialog(Dialog):
    """Asks, by the name of the account, whether to delete all local data.

    Accepted once this device is logged out; `done` then ends the program and deletes the data.
    """

    def __init__(
        self,
        bridge: Bridge,
        profile: Profile,
        made: str | None,
        done: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_("Delete everything on this computer?"), parent, width=500)
        self.setObjectName("delete_data")
        self._bridge = bridge
        self._profile = profile
        self._done = done
        self.body.addWidget(
            text(
                _(
                    "Your messages, keys and settings on this computer are deleted, and this "
                    "device is logged out. Your account stays, and so do the messages on your "
                    "other devices. Without another device, a backup or your recovery code nobody "
                    "can read your old encrypted messages again."
                )
            )
        )
        _add_password(self, made)
        self.name = Field(_("To confirm, type your name: {name}", name=bridge.me))
        self.body.addWidget(self.name)
        cancel = PlainButton(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = DangerButton(_("Delete everything"))
        self.go.setEnabled(False)
        self.go.clicked.connect(self._delete)
        self.add_buttons(cancel, self.go)
        self.name.edit.textChanged.connect(
            lambda words: self.go.setEnabled(words.strip() == bridge.me)
        )
        self.name.setFocus()

    def _delete(self) -> None:
        self.set_busy(True)
        self.go.setEnabled(False)
        self._bridge.request(self._profile.log_out, self._ended, owner=self, failed=self._failed)

    def _ended(self, _is_notified: bool) -> None:
        self.accept()
        self._done()

    def _failed(self, error: Exception) -> None:
        self.set_busy(False)
        self.go.setEnabled(True)
        self.show_error(explain(error))


def _add_password(dialog: Dialog, made: str | None) -> None:
    if made is not None:
        said = _("Your password was generated for you. You need it to log in again: write it down.")
        dialog.body.addWidget(text(said))
        dialog.body.addWidget(mono(made))
