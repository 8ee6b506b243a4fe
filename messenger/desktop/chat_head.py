"""The head of the chat: who or what it is with, whether it is encrypted, and what can be done."""

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from messenger.desktop.marks import PROTECTION
from messenger.jim.names import is_room
from messenger.language import _
from messenger.output import visible
from messenger.sdk.store import ConversationSummary, IdentityTrust
from messenger.ui.conversation_security import Protection, security_of
from messenger.ui.wording import shown_name, trust_name, why_not_encrypted
from messenger.windows.look.avatars import avatar
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.painting import label, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space, Type, Weight
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.plain import set_tip

_LOCK = 14


class Title(QAbstractButton):
    """The avatar, the name with a lock, and a line about it: a button for screen readers, too."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumWidth(100)
        self._name = ""
        self._line = ""
        self._protection = Protection.NONE
        theme.changed.connect(self.update)

    def show_title(self, name: str, line: str, protection: Protection, security: str) -> None:
        """Show a conversation; `line` is below the name, `security` what its lock means."""
        self._name, self._line, self._protection = name, line, protection
        self.setAccessibleName(f"{shown_name(name)}, {line}")
        set_tip(self, security)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the window's head has room for."""
        return QSize(400, Size.HEAD)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint it."""
        if not self._name:
            return
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        top = (self.height() - Size.CHAT_AVATAR) / 2
        painter.drawPixmap(
            QRectF(0, top, Size.CHAT_AVATAR, Size.CHAT_AVATAR).toRect(),
            avatar(self._name, Size.CHAT_AVATAR, ratio),
        )
        left = Size.CHAT_AVATAR + Space.M
        room = self.width() - left - _LOCK - Space.S
        name = shown_name(self._name)
        first = QRectF(left, self.height() / 2 - 20, room, 20)
        write(painter, first, name, Type.TITLE, Weight.BOLD, colours.text, elide=True)
        wide = min(label(name, Type.TITLE, Weight.BOLD, max(1, int(room))).width, room)
        at = QRectF(left + wide + 6, self.height() / 2 - 17, _LOCK, _LOCK)
        mark = PROTECTION[self._protection]
        lock = icon_pixmap(mark.icon, getattr(colours, mark.colour), _LOCK, ratio)
        painter.drawPixmap(at.toRect(), lock)
        second = QRectF(left, self.height() / 2 + 1, self.width() - left, 17)
        write(painter, second, self._line, Type.SMALL, colour=colours.soft, elide=True)
        if self.hasFocus():
            painter.setPen(theme.ring())
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(-1, 4, -2, -4), 10, 10)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Act by Enter, too."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class ChatHead(QWidget):
    """The head of the chat.

    Signals: `back_wanted` on a narrow window, `information_wanted`, `search_wanted`. The window
    shows the menu of the button `more`.
    """

    back_wanted = pyqtSignal()
    information_wanted = pyqtSignal()
    search_wanted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("head")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Size.HEAD)
        self.back = IconButton("arrow-left", _("Back to the conversations"))
        self.title = Title()
        self.search = IconButton("magnifying-glass", _("Search in this conversation"))
        self.information = IconButton("info", _("Information"))
        self.more = IconButton("dots-three-vertical", _("More"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.M, 0, Space.M, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.back)
        layout.addWidget(self.title, 1)
        for button in (self.search, self.information, self.more):
            layout.addWidget(button)
        self.back.hide()
        self.back.clicked.connect(self.back_wanted)
        self.title.clicked.connect(self.information_wanted)
        self.search.clicked.connect(self.search_wanted)
        self.information.clicked.connect(self.information_wanted)

    def show_conversation(self, name: str, row: ConversationSummary | None, about: str) -> None:
        """Show a conversation; `about` is presence, members, or who is typing."""
        is_group = is_room(name)
        self.information.show_icon("users" if is_group else "user")
        topic = visible(row.topic) if row is not None and row.topic else ""
        parts = [about, _brief_security(name, row), topic]
        security = security_of(name, row)
        line = " · ".join(filter(None, parts))
        self.title.show_title(name, line, security.protection, security.text)


def _brief_security(name: str, row: ConversationSummary | None) -> str:
    if row is None or not row.encrypted:
        return why_not_encrypted(name, row)
    if is_room(name):
        return _("encrypted")
    return _("encrypted, {trust}", trust=trust_name(row.trust or IdentityTrust.UNVERIFIED))
