"""A dialog of several pages, and the parts that the pages of this package are made of."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from messenger.windows.look.avatars import avatar
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import heading, text, title

_BADGE = 44
"""Pixels of the sign beside a heading."""


class PagedDialog(Dialog):
    """A dialog whose contents and buttons are replaced as its user gets on."""

    def __init__(
        self, window_title: str, parent: QWidget | None = None, *, width: int = 460
    ) -> None:
        super().__init__("", parent, width=width)
        self.setWindowTitle(window_title)

    def show_page(self, parts: list[QWidget], buttons: list[QPushButton]) -> None:
        """Show other contents; the last button is the primary one."""
        _empty(self.body)
        _empty(self._buttons)
        for part in parts:
            self.body.addWidget(part)
        self.add_buttons(*buttons)
        for widget in (*parts, *buttons):
            # Now, or the dialog would not know how high they are before the next turn of the loop.
            widget.show()
        self.set_busy(False)
        self.show_error("")
        if self.isVisible():
            self._focus(buttons)

    def set_busy(self, busy: bool) -> None:
        """Show that something is under way; only the buttons that close the dialog work then."""
        super().set_busy(busy)
        for button in self.findChildren(QPushButton):
            if button.property("ends") is None:
                button.setEnabled(not busy)

    def closing(self, words: str) -> PlainButton:
        """Return a button that closes the dialog, also while something is under way."""
        button = PlainButton(words)
        button.setProperty("ends", True)
        button.clicked.connect(self.reject)
        return button

    def _focus(self, buttons: list[QPushButton]) -> None:
        # The focus was in what is gone: a screen reader has to be told where it is now.
        if buttons:
            buttons[-1].setFocus()


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            # Later: the click that has led to the next page is still on its way through it.
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            _empty(inner)


def acting(button: QPushButton, do: Callable[[], object]) -> QPushButton:
    """Have a button do something; return it."""
    button.clicked.connect(lambda: do())  # noqa: PLW0108  the signal has an argument
    return button


def person_head(name: str, words: str, soft: str = "") -> QWidget:
    """Return a head with somebody's picture, a heading, and soft words below it."""
    ratio = 2.0
    return _head(avatar(name, _BADGE, ratio), words, soft)


def icon_head(icon_name: str, words: str, soft: str = "", *, colour: str = "accent") -> QWidget:
    """Return a head with an icon in one of the theme's colours."""
    picture = icon_pixmap(icon_name, getattr(theme.colours, colour), 36, 2.0)
    return _head(picture, words, soft)


def _head(picture: object, words: str, soft: str) -> QWidget:
    sign = QLabel()
    sign.setPixmap(picture)  # type: ignore[arg-type]  # a QPixmap
    sign.setFixedWidth(_BADGE)
    sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
    head = heading(words)
    head.setWordWrap(True)
    texts = QVBoxLayout()
    texts.setSpacing(2)
    texts.addStretch(1)
    texts.addWidget(head)
    if soft:
        texts.addWidget(text(soft, soft=True))
    texts.addStretch(1)
    found = QWidget()
    layout = QHBoxLayout(found)
    layout.setContentsMargins(0, 0, 0, Space.XS)
    layout.setSpacing(Space.L)
    layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    layout.addLayout(texts, 1)
    return found


class Choice(QPushButton):
    """A large button: an icon, what it does, and when that is the right thing."""

    def __init__(self, icon_name: str, words: str, soft: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(words)
        self.setAccessibleDescription(soft)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        sign = QLabel()
        sign.setPixmap(icon_pixmap(icon_name, theme.colours.accent, 24, 2.0))
        sign.setFixedWidth(Size.BUTTON)
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(title(words))
        texts.addWidget(text(soft, small=True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.S, Space.M, Space.M, Space.M)
        layout.setSpacing(Space.S)
        layout.addWidget(sign)
        layout.addLayout(texts, 1)
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the size of its texts: a button by itself is as large as its own text."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the least size: the height follows from the width."""
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        """Tell that its texts wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of its texts at a width."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else 0
