"""Explains that a server has another key than before, and asks what to do."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QWidget

from messenger.crypto.certificates import ungrouped
from messenger.desktop.first_run.server_key import in_two_lines
from messenger.language import _
from messenger.sdk.server_identity import (
    AUTHORITY,
    CertificateRenewed,
    KeyReplaced,
    NoAuthority,
    OtherInvited,
    ServerChanged,
)
from messenger.windows.widgets.buttons import DangerButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import mono, section, text


class ChangedServerDialog(Dialog):
    """Tells both keys; trusting the new one is a deliberate act.

    Signals: `trusted`, with the fingerprint or AUTHORITY, `refused`.
    """

    trusted = pyqtSignal(str)
    refused = pyqtSignal()

    def __init__(self, server: str, error: ServerChanged, parent: QWidget | None = None) -> None:
        super().__init__(_("The server's key has changed"), parent, width=500)
        self.setObjectName("changed_server")
        self._trust = trusted_by(error)
        self._explain(server, error)
        self.stay = PrimaryButton(_("Stay offline"))
        self.accept_key = DangerButton(_("Trust the new key"))
        self.add_buttons(*((self.accept_key, self.stay) if self._trust else (self.stay,)))
        self.accept_key.setEnabled(False)
        self.sure = QCheckBox(_("Whoever runs the server has confirmed the new key to me"))
        if self._trust:
            self.body.addWidget(self.sure)
            self.sure.toggled.connect(self.accept_key.setEnabled)
        self.stay.clicked.connect(self.reject)
        self.accept_key.clicked.connect(self._accept_key)

    def reject(self) -> None:
        """Stay offline."""
        self.refused.emit()
        super().reject()

    def _accept_key(self) -> None:
        self.trusted.emit(self._trust)
        self.accept()

    def _explain(self, server: str, error: ServerChanged) -> None:
        said = _(
            "{server} has another key than before. It may have been set up anew, or someone "
            "intercepts the connection. Nothing was sent. You can read and write offline.",
            server=server,
        )
        self.body.addWidget(text(said))
        if isinstance(error, NoAuthority):
            said = _("No certificate authority confirms this server any more. Ask its operator.")
            self.body.addWidget(text(said))
            return
        if isinstance(error, CertificateRenewed):
            said = _("A certificate authority has signed the new key: a renewal is likely.")
            self.body.addWidget(text(said))
        for name, digits in _keys(error):
            self.body.addWidget(section(name))
            shown = mono(in_two_lines(digits))
            shown.setAccessibleName(name)
            self.body.addWidget(shown)


def trusted_by(error: ServerChanged) -> str:
    """Return what to trust from now on if the user agrees; empty if there is nothing."""
    if isinstance(error, CertificateRenewed):
        return AUTHORITY
    if isinstance(error, KeyReplaced):
        return ungrouped(error.found)
    return ""


def _keys(error: ServerChanged) -> list[tuple[str, str]]:
    if isinstance(error, CertificateRenewed):
        return _keys(error.error)
    if isinstance(error, KeyReplaced):
        return [(_("Known key"), error.known), (_("New key"), error.found)]
    if isinstance(error, OtherInvited):
        return [(_("Key in the invitation"), error.named), (_("Key of the server"), error.known)]
    return []
