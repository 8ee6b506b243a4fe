"""The columns of the window: conversations, chat, a panel; one at a time where it is narrow."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from messenger.desktop.side_panel import WIDTH as PANEL_WIDTH
from messenger.desktop.side_panel import SidePanel
from messenger.windows.look.tokens import Size

_LIST_WIDTH = 330
_LEAST_LIST, _MOST_LIST = 240, 480
_WITH_PANEL = 1000
"""Pixels: in a narrower window a panel takes the place of the list."""


class Columns(QWidget):
    """Shows as many columns as there is room for. Signals: `narrowed`, with whether it is."""

    narrowed = pyqtSignal(bool)

    def __init__(self, side: QWidget, chat: QWidget, panel: SidePanel) -> None:
        super().__init__()
        self.is_narrow = False
        self._is_list_wanted = True
        self._shows_chat = False
        self._side, self._chat, self._panel = side, chat, panel
        side.setMinimumWidth(_LEAST_LIST)
        side.setMaximumWidth(_MOST_LIST)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(side)
        self._splitter.addWidget(chat)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_LIST_WIDTH, 2 * _LIST_WIDTH])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._splitter, 1)
        layout.addWidget(panel)
        panel.closed.connect(self._arrange)

    def show_chat(self) -> None:
        """Show the chat; on a narrow window in the place of the list, or of a panel."""
        self._shows_chat = True
        if self.is_narrow:
            self._panel.close_panel()
        self._arrange()

    def show_list(self) -> None:
        """Show the list; on a narrow window in the place of the chat."""
        self._shows_chat = False
        self._is_list_wanted = True
        self._panel.close_panel()
        self._arrange()

    def toggle_list(self) -> None:
        """Show or hide the list."""
        if self.is_narrow:
            self._shows_chat = not self._shows_chat
        else:
            self._is_list_wanted = not self._is_list_wanted
        self._arrange()

    def show_panel(self, panel: QWidget, title: str) -> None:
        """Show a panel on the right."""
        self._panel.show_panel(panel, title)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the columns to the width."""
        super().resizeEvent(event)
        is_narrow = self.width() < Size.NARROW
        if is_narrow != self.is_narrow:
            self.is_narrow = is_narrow
            self.narrowed.emit(is_narrow)
        self._arrange()

    def _arrange(self) -> None:
        has_panel = self._panel.shown is not None
        is_alone = has_panel and self.is_narrow
        self._panel.setMaximumWidth(16777215 if is_alone else PANEL_WIDTH)  # Qt's largest size
        self._panel.setMinimumWidth(0 if is_alone else PANEL_WIDTH)
        if self.is_narrow:
            self._side.setMaximumWidth(Size.NARROW)
            self._side.setVisible(not self._shows_chat and not has_panel)
            self._chat.setVisible(self._shows_chat and not has_panel)
            self._splitter.setVisible(not has_panel)
            return
        self._side.setMaximumWidth(_MOST_LIST)
        has_room = not has_panel or self.width() >= _WITH_PANEL
        self._side.setVisible(self._is_list_wanted and has_room)
        self._chat.show()  # What a panel leads to, such as a message that was found, is seen.
        self._splitter.show()
