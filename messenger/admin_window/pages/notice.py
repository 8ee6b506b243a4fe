"""The page for a notice to everyone."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.language import _
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.layouts import spaced

_WIDTH, _HEIGHT = 620, 160


class NoticePage(Page):
    """A text that everyone gets as a message of the server."""

    def __init__(self, requests: Requests) -> None:
        super().__init__("notice", _("Notice"))
        self._requests = requests
        self.set_subtitle(_("A message of the server to everyone"))
        self.field = QPlainTextEdit()
        self.field.setAccessibleName(_("Text of the notice"))
        self.field.setPlaceholderText(_("Tonight from 22:00 to 22:10 the server is restarted."))
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(_HEIGHT)
        self.field.textChanged.connect(self._check)
        self.send = PrimaryButton(f"{_('Send')}…")
        sheet = QFrame()
        sheet.setObjectName("sheet")
        sheet.setMaximumWidth(_WIDTH)
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        inside.setSpacing(Space.M)
        inside.addWidget(
            text(
                _(
                    "It appears in the common chat, for those who are offline when they come"
                    " back. It is not encrypted, and cannot be taken back."
                ),
                soft=True,
            )
        )
        inside.addWidget(self.field)
        row = spaced(acting(self.send, self._ask))
        inside.addWidget(row, 0, Qt.AlignmentFlag.AlignRight)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(sheet)
        column.addStretch(1)
        self.set_content(content)
        self.setFocusProxy(self.field)
        self._check()
        self.show_content()

    def refresh(self) -> None:
        """Ask nothing: the page shows what its user writes."""
        self.set_loading(False)

    def _check(self) -> None:
        self.send.setEnabled(bool(self.field.toPlainText().strip()))

    def _ask(self) -> None:
        words = self.field.toPlainText().strip()
        act = Act(
            _("Send this to everyone?"),
            words,
            _("Send"),
            lambda server: server.notice(words),
            _("The notice is sent."),
            lambda _answer, _window: self.field.clear(),
            is_danger=False,
        )
        perform(self, self._requests, act)
