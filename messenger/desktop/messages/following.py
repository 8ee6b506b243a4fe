"""Follows links: after a question where the text may mislead, and only those of known kinds."""

from collections.abc import Callable

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QWidget

from messenger.language import _
from messenger.ui.links import may_be_followed, misleads, real_host
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog, open_dialog
from messenger.windows.widgets.labels import mono, text


def follow(address: str, parent: QWidget, go: Callable[[str], object]) -> Dialog | None:
    """Call `go` with the address of a link; ask first if it may lead elsewhere than it seems to.

    Returns the dialog that asks. Links of unknown kinds lead nowhere.
    """
    if not may_be_followed(address):
        return None
    if not misleads(address):
        go(address)
        return None
    question = LinkQuestion(address, parent)
    question.accepted.connect(lambda: go(address))
    return open_dialog(question)


def open_outside(address: str) -> bool:
    """Open a link of the web or of mail in the program for it; return whether there is one."""
    if not may_be_followed(address, ("http", "https", "mailto")):
        return False
    return QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))


class LinkQuestion(Dialog):
    """Shows where a link leads, and asks whether to go there."""

    def __init__(self, address: str, parent: QWidget) -> None:
        super().__init__(_("Open this link?"), parent)
        host = real_host(address)
        said = _("It may lead elsewhere than it seems to. It leads to:")
        self.body.addWidget(text(said))
        self.body.addWidget(mono(host or _("an unknown address")))
        self.body.addWidget(text(address, small=True))
        cancel = PlainButton(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = PrimaryButton(_("Open link"))
        self.go.clicked.connect(self.accept)
        self.add_buttons(cancel, self.go)
