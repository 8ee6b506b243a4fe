"""A dialog that says why the program cannot start."""

from messenger.language import _
from messenger.windows.widgets.buttons import PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text


class FailureDialog(Dialog):
    """Says it, and closes."""

    def __init__(self, words: str) -> None:
        super().__init__(_("Messenger cannot start"), width=460)
        self.setObjectName("failure")
        self.setModal(False)
        self.body.addWidget(text(words))
        close = PrimaryButton(_("Close"))
        self.add_buttons(close)
        close.clicked.connect(self.accept)
