"""The symbol beside the input field: who can read what is written there."""

from PyQt6.QtCore import QSize

from messenger.desktop.marks import PROTECTION
from messenger.sdk.store import ConversationSummary
from messenger.ui.conversation_security import Protection, security_of
from messenger.windows.look.tokens import Size
from messenger.windows.widgets.buttons import IconButton


class LockButton(IconButton):
    """Its name and tip say in words what the symbol shows; a click opens the information."""

    def __init__(self) -> None:
        icon, colour = PROTECTION[Protection.NONE]
        super().__init__(icon, "", colour=colour)
        self.setIconSize(QSize(Size.ICON - 2, Size.ICON - 2))

    def show_security(self, name: str, row: ConversationSummary | None) -> None:
        """Show what protects a conversation; `row` is None if it is not stored."""
        protection, text = security_of(name, row)
        icon, colour = PROTECTION[protection]
        self.show_icon(icon, text, colour=colour)
