"""Buttons in the design's styles."""

from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractButton, QPushButton, QToolButton

from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size
from messenger.windows.widgets.plain import set_tip, with_ampersands

_Button = TypeVar("_Button", bound=QAbstractButton)


def acting(button: _Button, do: Callable[[], object]) -> _Button:
    """Have a button call a function when it is pressed; return the button."""
    button.clicked.connect(lambda _checked: do())
    return button


class PushButton(QPushButton):
    """A button that Enter presses while it has the focus, as Space does.

    With `autoDefault`, which does so too, Enter in a field would press the first of a dialog's
    buttons; without, it would press the primary one while *Cancel* has the focus.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Press it by Enter; a key that is held presses it once."""
        if event is None or event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()


class PlainButton(PushButton):
    """A button for one of several possible actions."""

    def __init__(self, text: str, name: str = "plain") -> None:
        super().__init__(with_ampersands(text))
        self.setObjectName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def setText(self, text: str | None) -> None:
        """Show another text, which may be a name."""
        super().setText(with_ampersands(text or ""))


class PrimaryButton(PlainButton):
    """The button for what most users want here: Enter presses it in a dialog."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "primary")
        self.setDefault(True)


class DangerButton(PlainButton):
    """A button for what cannot be undone, or warns somebody."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "danger")


class LinkButton(PlainButton):
    """A button that looks like a link, within a line of text or a banner."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "link")


class IconButton(QToolButton):
    """A button with an icon of the family, and a name for its tip and for screen readers."""

    def __init__(self, icon_name: str, name: str, *, colour: str = "soft") -> None:
        """`colour` is the name of one of the theme's colours."""
        super().__init__()
        self._icon_name = icon_name
        self._colour = colour
        self.setAccessibleName(name)
        set_tip(self, name)
        self.setIconSize(QSize(Size.ICON, Size.ICON))
        self.setFixedSize(Size.BUTTON, Size.BUTTON)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._recolour()
        theme.changed.connect(self._recolour)

    def show_icon(self, icon_name: str, name: str = "", *, colour: str = "") -> None:
        """Show another icon, with another name and colour unless they are empty."""
        self._icon_name = icon_name
        self._colour = colour or self._colour
        if name:
            self.setAccessibleName(name)
            set_tip(self, name)
        self._recolour()

    def _recolour(self) -> None:
        self.setIcon(icon(self._icon_name, getattr(theme.colours, self._colour)))
