"""The foot of the chat: the composer, or in its place the way to unblock whom it would write to."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.people.blocks import KnownBlocks, unblock
from messenger.language import _
from messenger.ui.errors import explain
from messenger.ui.wording import shown_name
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text


class Foot(QWidget):
    """Shows the composer, unless the open conversation is with somebody who is blocked."""

    def __init__(self, bridge: Bridge, composer: QWidget, blocks: KnownBlocks) -> None:
        super().__init__()
        self._bridge = bridge
        self._blocks = blocks
        self._name = ""
        self.composer = composer
        self.bar = QWidget()
        self.words = text("")
        self.unblock = PlainButton(_("Unblock"))
        self._build()
        self.unblock.clicked.connect(self._unblock)
        blocks.changed.connect(lambda _names: self._show())

    def _build(self) -> None:
        self.bar.setObjectName("foot")
        self.bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(Space.L, Space.M, Space.M, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(IconLabel("prohibit"))
        row.addWidget(self.words, 1)
        row.addWidget(self.unblock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.composer)
        self.setFocusProxy(self.composer)

    def turn_to(self, name: str) -> None:
        """The user has opened another conversation."""
        self._name = name
        self._show()

    def _show(self) -> None:
        is_blocked = self._name in self._blocks.names
        had_focus = self.composer.isVisible() and self.composer.hasFocus()
        self.words.setText(_("You have blocked {name}.", name=shown_name(self._name)))
        self.unblock.setEnabled(True)
        self.bar.setVisible(is_blocked)
        self.composer.setVisible(not is_blocked)
        if is_blocked and had_focus:
            self.unblock.setFocus()
        self.setFocusProxy(self.unblock if is_blocked else self.composer)

    def _unblock(self) -> None:
        # Once: `BlocksChanged` shows the composer again.
        self.unblock.setEnabled(False)
        unblock(self._bridge, self, self._name, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self.unblock.setEnabled(True)
        self.words.setText(explain(error))
