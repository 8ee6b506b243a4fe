"""A quiet line about the connection, shown only while there is none."""

import time
from typing import Any

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.language import _
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.ui.connection_notices import connection_line
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import LinkButton
from messenger.windows.widgets.labels import text

_PATIENCE = 700
"""Milliseconds: an attempt that succeeds sooner is not worth a line."""
_SECOND = 1000

_TRYING = (ConnectionState.CONNECTING, ConnectionState.HANDSHAKE)


class ConnectionBar(QFrame):
    """Shows the state of the connection, with what helps.

    Signals: `login_wanted`, when the server refuses the login and the user wants another one.
    """

    login_wanted = pyqtSignal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("connection")
        self._bridge = bridge
        self._event: StateChanged | None = None
        self._words = text("")
        self._words.setObjectName("small")
        self._retry = LinkButton(_("Try now"))
        self._retry.clicked.connect(self._try_now)
        self._log_in = LinkButton(_("Log in"))
        self._log_in.clicked.connect(self.login_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, 2, Space.S, 2)
        layout.setSpacing(Space.S)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._retry)
        layout.addWidget(self._log_in)
        # It runs only while there is something to count down.
        self._countdown = QTimer(self)
        self._countdown.setInterval(_SECOND)
        self._countdown.timeout.connect(self._show)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_PATIENCE)
        self._delay.timeout.connect(self._show)
        self._recolour()
        theme.changed.connect(self._recolour)
        self.hide()
        bridge.happened.connect(self.take)
        bridge.read(lambda client: client.connection, self._begin, owner=self)

    @property
    def text(self) -> str:
        """What it says; empty while all is well."""
        return "" if self.isHidden() else self._words.text()

    def take(self, events: list[Any]) -> None:
        """Show the last change of the connection's state among these events."""
        for event in reversed(events):
            if isinstance(event, StateChanged):
                self._change(event)
                return

    def _begin(self, event: StateChanged) -> None:
        if self._event is None:  # Otherwise an event was quicker.
            self._change(event)

    def _change(self, event: StateChanged) -> None:
        self._event = event
        if event.state in _TRYING and self.isHidden():
            self._delay.start()
            return
        self._delay.stop()
        self._show()

    def _show(self) -> None:
        event = self._event
        line = connection_line(event, time.time()) if event is not None else None
        self.setVisible(line is not None)
        if event is None or line is None:
            self._countdown.stop()
            return
        self._words.setText(line.text)
        self.setAccessibleName(line.text)
        self._retry.setVisible(line.can_retry)
        self._retry.setEnabled(True)
        self._log_in.setVisible(line.can_log_in)
        if line.can_retry and event.retry_at is not None and event.retry_at > time.time():
            self._countdown.start()
        else:
            self._countdown.stop()

    def _try_now(self) -> None:
        self._retry.setEnabled(False)
        self._bridge.write(lambda client: client.try_now(), owner=self)

    def _recolour(self) -> None:
        colours = theme.colours
        self.setStyleSheet(
            f"#connection {{ background: {colours.field}; border-top: 1px solid {colours.line}; }}"
        )
