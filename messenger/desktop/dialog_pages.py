"""A dialog of several pages, and the parts that its pages are made of."""

from collections.abc import Callable
from typing import Any

from PyQt6 import sip
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from messenger.desktop.bridge import Bridge
from messenger.sdk.client import Client
from messenger.ui.errors import explain
from messenger.windows.look.avatars import avatar
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import PlainButton, PushButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import heading, text, title
from messenger.windows.widgets.layouts import empty

_BADGE, _SIGN, _CHOICE = 44, 36, 24
"""Pixels of a picture beside a heading, of an icon there, and of one in a large button."""


class PagedDialog(Dialog):
    """A dialog whose contents and buttons are replaced as its user gets on."""

    def __init__(
        self, window_title: str, parent: QWidget | None = None, *, width: int = 460
    ) -> None:
        super().__init__("", parent, width=width)
        self._stopped: list[QPushButton] = []
        self.setWindowTitle(window_title)

    def show_page(self, parts: list[QWidget], buttons: list[QPushButton]) -> None:
        """Show other contents; the last button is the primary one."""
        empty(self.body)
        empty(self._buttons)
        for part in parts:
            self.body.addWidget(part)
        self.add_buttons(*buttons)
        for widget in (*parts, *buttons):
            # Now, or the dialog would not know how high they are before the next turn of the loop.
            widget.show()
        self.set_busy(False)
        self.show_error("")
        # What had the focus is gone; a screen reader has to be told where it is now.
        fields = [field for part in parts for field in part.findChildren(QLineEdit)]
        for widget in (*fields, *reversed(buttons)):
            widget.setFocus()
            break

    def set_busy(self, busy: bool) -> None:
        """Show that something is under way; only the buttons that close the dialog work then."""
        super().set_busy(busy)
        for button in self._stopped:
            if not sip.isdeleted(button):
                button.setEnabled(True)
        self._stopped = [one for one in self._waiting() if one.isEnabled()] if busy else []
        for button in self._stopped:
            button.setEnabled(False)

    def _waiting(self) -> list[QPushButton]:
        """Return the buttons that wait while something is under way."""
        buttons = self.findChildren(QPushButton)
        return [one for one in buttons if not one.property("ends")]

    def closing(self, words: str) -> PlainButton:
        """Return a button that closes the dialog, also while something is under way."""
        button = PlainButton(words)
        button.setProperty("ends", True)
        button.clicked.connect(self.reject)
        return button


class RequestDialog(PagedDialog):
    """A dialog whose buttons ask the server for something."""

    def __init__(
        self, bridge: Bridge, window_title: str, parent: QWidget | None = None, *, width: int = 460
    ) -> None:
        super().__init__(window_title, parent, width=width)
        self.bridge = bridge

    def request(
        self,
        do: Callable[[Client], object],
        then: Callable[[Any], object] = lambda _result: None,
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Do something while the dialog waits; an error stands above its buttons."""
        self.set_busy(True)
        self.bridge.request(do, then, owner=self, failed=failed or self.refused)

    def refused(self, error: Exception) -> None:
        """Say what went wrong; the user can try again."""
        self.set_busy(False)
        self.show_error(sentence(error))

    def retry_at(self, field: Field) -> Callable[[Exception], None]:
        """Return a handler that shows an error below a field, where it can be corrected."""

        def failed(error: Exception) -> None:
            self.set_busy(False)
            field.show_error(sentence(error))
            field.edit.setFocus()
            self.fit()

        return failed


def sentence(error: Exception) -> str:
    """Return an error as a sentence with its full stop."""
    said = explain(error)
    return said if said.endswith((".", "…")) else f"{said}."


def person_head(name: str, words: str, soft: str = "") -> QWidget:
    """Return a head with somebody's picture, a heading, and soft words below it."""
    sign = QLabel()
    sign.setPixmap(avatar(name, _BADGE, sign.devicePixelRatioF()))
    return _head(sign, words, soft)


def icon_head(icon_name: str, words: str, soft: str = "", *, colour: str = "accent") -> QWidget:
    """Return a head with an icon in one of the theme's colours."""
    return _head(IconLabel(icon_name, size=_SIGN, colour=colour), words, soft)


def _head(sign: QLabel, words: str, soft: str) -> QWidget:
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


def bullets(points: list[str]) -> QWidget:
    """Return a list of points, each with a dot before it."""
    found = QWidget()
    grid = QGridLayout(found)
    grid.setContentsMargins(Space.S, 0, 0, 0)
    grid.setHorizontalSpacing(Space.S)
    grid.setVerticalSpacing(Space.S)
    grid.setColumnStretch(1, 1)
    for row, point in enumerate(points):
        grid.addWidget(text("•", soft=True), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(text(point), row, 1)
    return found


class Choice(PushButton):
    """A large button: an icon, what it does, and when that is the right thing."""

    def __init__(self, icon_name: str, words: str, soft: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(words)
        self.setAccessibleDescription(soft)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        sign = IconLabel(icon_name, size=_CHOICE)
        sign.setFixedWidth(Size.BUTTON)
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
