"""Copies texts, also by a button that says so for a moment."""

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from messenger.language import _
from messenger.windows.widgets.buttons import PlainButton

_SHOWN = 2000
"""Milliseconds for which the button says that it has copied."""


class CopyButton(PlainButton):
    """Copies `copied`; `words` are on the button."""

    def __init__(self, words: str, copied: str, name: str = "plain") -> None:
        super().__init__(words, name)
        self._words = words
        self._copied = copied
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN)
        self._timer.timeout.connect(self._show_words)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        if copy_text(self._copied):
            self.setText(_("Copied"))
            self._timer.start()

    def _show_words(self) -> None:
        self.setText(self._words)


def copy_text(text: str) -> bool:
    """Copy a text to the clipboard; return whether there is one."""
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
    return clipboard is not None
