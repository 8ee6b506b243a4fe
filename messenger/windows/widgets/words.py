"""A label for running text, which others may have written."""

import re

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QLabel, QMenu

from messenger.language import _
from messenger.ui.long_texts import beginning

_LONG_WORD = re.compile(r"\S{21,}")
"""Longer than nearly all words of any language: a label of Qt's would be as wide as it."""
_LETTER = re.compile(r".(?=\w|[!-~])")
"""Not one before a mark, which belongs to it."""
_MAY_BREAK = "\u200b"


class Words(QLabel):
    """A plain text of any length, with words of any length: none makes a window wider.

    `text` is the whole text; what is shown may be cut, and may be broken within words.
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        # Names and messages of other people must not become markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._text = self._said = self._name = ""
        self.setText(words)

    def text(self) -> str:
        """Return the text as it was set."""
        return self._text

    def setText(self, text: str | None) -> None:
        """Show another text."""
        self._text = text or ""
        begun = beginning(self._text)
        shown = begun if len(begun) == len(self._text) else f"{begun}…"
        self._said = shown
        super().setText(_LONG_WORD.sub(_breakable, shown))
        self._tell()

    def setAccessibleName(self, name: str | None) -> None:
        """Say what the text is: a screen reader reads that before the text."""
        self._name = name or ""
        self._tell()

    def _tell(self) -> None:
        """Have a screen reader read the text without the marks of where words may be broken."""
        name, said = self._name, self._said
        if name and said not in name:
            name = f"{name}: {said}"
        super().setAccessibleName(name or (said if _MAY_BREAK in super().text() else ""))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy without the marks of where words may be broken."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer to copy what is selected."""
        if event is None or not self.hasSelectedText():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Copy"), self._copy)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and self.hasSelectedText():
            clipboard.setText(self.selectedText().replace(_MAY_BREAK, ""))


def _breakable(word: re.Match[str]) -> str:
    return _LETTER.sub(rf"\g<0>{_MAY_BREAK}", word[0])
