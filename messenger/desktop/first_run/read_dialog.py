"""A dialog that says something while no other window is open."""

from messenger.language import _
from messenger.windows.widgets.buttons import PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text


class ReadDialog(Dialog):
    """Says it, and closes."""

    def __init__(self, title: str, words: str) -> None:
        super().__init__(title, width=460)
        self.setObjectName("failure")
        self.setModal(False)
        self.body.addWidget(text(words))
        close = PrimaryButton(_("Close"))
        self.add_buttons(close)
        close.clicked.connect(self.accept)
