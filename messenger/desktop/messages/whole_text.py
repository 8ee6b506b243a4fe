"""The dialog with a text that is too long for a bubble."""

from PyQt6.QtWidgets import QPlainTextEdit, QWidget

from messenger.language import _
from messenger.windows.widgets.buttons import PrimaryButton
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog

_PIECE = 200
"""Characters: wrapping takes the square of a line's length, and only lines in sight are wrapped."""


class WholeText(Dialog):
    """A long text to read and to copy."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(_("Message"), parent, width=640)
        self.setObjectName("whole-text")
        self.words = QPlainTextEdit()
        self.words.setReadOnly(True)
        self.words.setAccessibleName(_("Text"))
        self.words.setMinimumHeight(320)
        self.words.setPlainText("\n".join(_pieces(text)))
        self.body.addWidget(self.words)
        close = PrimaryButton(_("Close"))
        close.clicked.connect(self.accept)
        self.add_buttons(CopyButton(_("Copy all"), text), close)
        self.finished.connect(self.deleteLater)


def _pieces(text: str) -> list[str]:
    return [
        line[at : at + _PIECE]
        for line in text.split("\n")
        for at in range(0, max(1, len(line)), _PIECE)
    ]
