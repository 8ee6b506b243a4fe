"""The dialog with a text that is too long for a bubble."""

from collections.abc import Iterator

from PyQt6.QtWidgets import QPlainTextEdit, QWidget

from messenger.language import _
from messenger.windows.widgets.buttons import PrimaryButton
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog

_PIECE, _PIECE_OF_WORD = 2000, 200
"""Characters of a line: only those in sight are wrapped, which takes the square of a word's."""


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


def _pieces(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        at = 0
        while len(line) - at > _PIECE:
            space = line.rfind(" ", at, at + _PIECE)
            end = space + 1 if space > at else at + _PIECE_OF_WORD
            yield line[at:end]
            at = end
        yield line[at:]
