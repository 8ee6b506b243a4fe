"""The buttons that appear beside the message below the mouse: real ones, with names and a style."""

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from messenger.language import _
from messenger.sdk.store import MessageState, StoredMessage
from messenger.windows.widgets.buttons import IconButton

_BUTTON, _ICON = QSize(28, 26), QSize(17, 17)


class HoverBar(QFrame):
    """Copy, and send again. Signals: `copy_wanted`, `resend_wanted`, `menu_wanted` (message id)."""

    copy_wanted = pyqtSignal(int)
    resend_wanted = pyqtSignal(int)
    menu_wanted = pyqtSignal(int)

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._message_id = 0
        self.copy = IconButton("copy", _("Copy message"))
        self.resend = IconButton("arrow-clockwise", _("Send again"))
        self.more = IconButton("dots-three-vertical", _("More"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3, 3, 3, 3)
        layout.setSpacing(0)
        for button, signal in (
            (self.copy, self.copy_wanted),
            (self.resend, self.resend_wanted),
            (self.more, self.menu_wanted),
        ):
            button.setFixedSize(_BUTTON)
            button.setIconSize(_ICON)
            # The keyboard has the menu of the row; here it would only get lost.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked, one=signal: one.emit(self._message_id))
            layout.addWidget(button)
        self.hide()

    def show_for(
        self, message: StoredMessage, bubble: QRectF, *, is_mine: bool, width: int
    ) -> None:
        """Show the buttons for a message at the upper corner of its bubble, in a view so wide."""
        self._message_id = message.id
        self.resend.setVisible(message.state is MessageState.FAILED)
        self.adjustSize()
        left = bubble.left() - self.width() + 28 if is_mine else bubble.right() - 28
        top = bubble.top() - self.height() / 2 - 2
        self.move(round(max(8, min(left, width - self.width() - 8))), round(max(2, top)))
        self.show()
        self.raise_()
