"""A label that shows an icon in one of the theme's colours."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size


class IconLabel(QLabel):
    """It recolours itself when the theme changes."""

    def __init__(
        self, icon_name: str = "", *, size: int = Size.ICON, colour: str = "accent"
    ) -> None:
        """`size` is in pixels; `colour` is the name of one of the theme's colours."""
        super().__init__()
        self._icon_name = icon_name
        self._size = size
        self._colour = colour
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._recolour()
        theme.changed.connect(self._recolour)

    def show_icon(self, icon_name: str, colour: str) -> None:
        """Show another icon."""
        self._icon_name, self._colour = icon_name, colour
        self._recolour()

    def _recolour(self) -> None:
        if self._icon_name:
            ink = getattr(theme.colours, self._colour)
            ratio = self.devicePixelRatioF()
            self.setPixmap(icon_pixmap(self._icon_name, ink, self._size, ratio))
