"""Two fields for a new passphrase: mistyped, it would make the data unreadable for good."""

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.language import _
from messenger.ui.first_run import Strength, strength
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.field import Field

_PAUSE = 150
"""Milliseconds after the last key until the strength is estimated: that takes up to 30 ms."""


class PassphraseFields(QWidget):
    """Asks for a new passphrase twice, and says how strong it is."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.first = Field(_("Passphrase"), secret=True)
        self.again = Field(_("Repeat it"), secret=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M)
        layout.addWidget(self.first)
        layout.addWidget(self.again)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._estimate)
        self.first.edit.textChanged.connect(self._typed)
        self.again.edit.textChanged.connect(self._typed)

    def checked(self) -> str | None:
        """Return the passphrase; None if there is none, or they differ, which a field says then."""
        self.first.show_error("")
        self.again.show_error("")
        if not self.first.text:
            self.first.show_error(_("Write a passphrase."))
            return None
        if self.first.text != self.again.text:
            self.again.show_error(_("The passphrases do not match."))
            return None
        return self.first.text

    def _typed(self, _text: str) -> None:
        self.again.show_error("")
        self._timer.start()

    def _estimate(self) -> None:
        written = self.first.text

        def show(found: Strength) -> None:
            if written == self.first.text:
                self.first.show_help(found.text if written else "")

        self._bridge.read(lambda _client: strength(written), show, owner=self)
