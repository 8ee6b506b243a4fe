"""The chat: its head, bars and notices, the messages, the output of a command, the input field."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.desktop.chat_head import ChatHead
from messenger.desktop.command_output import CommandOutput
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.banner import Banner


class ChatPanel(QWidget):
    """Lays out the parts of the chat from top to bottom."""

    def __init__(self, messages: QWidget, foot: QWidget) -> None:
        super().__init__()
        self.setObjectName("chat")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head = ChatHead()
        self.output = CommandOutput()
        self._bars = QVBoxLayout()
        self._bars.setSpacing(0)
        self._notices = QVBoxLayout()
        self._notices.setContentsMargins(Space.M, 0, Space.M, Space.XS)
        self._notices.setSpacing(Space.XS)
        below = QVBoxLayout()
        below.setContentsMargins(Space.M, 0, Space.M, Space.S)
        below.addWidget(self.output)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addLayout(self._bars)
        layout.addLayout(self._notices)
        layout.addWidget(messages, 1)
        layout.addLayout(below)
        layout.addWidget(foot)

    def add_bar(self, bar: QWidget) -> None:
        """Add a bar as wide as the chat below the head: the connection, the search."""
        self._bars.addWidget(bar)

    def add_notices(self, notices: QWidget) -> None:
        """Add the place for notices above the messages."""
        self._notices.addWidget(notices)

    def add_banner(self, banner: Banner) -> None:
        """Add a single notice, which stands apart from what is above it until it is closed."""
        place = QWidget()
        layout = QVBoxLayout(place)
        layout.setContentsMargins(0, Space.S, 0, 0)
        layout.addWidget(banner)
        banner.closed.connect(place.hide)
        banner.closed.connect(place.deleteLater)
        self._notices.addWidget(place)
