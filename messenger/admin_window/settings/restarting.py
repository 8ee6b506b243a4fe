"""The bar of settings that wait for a restart of the server: it offers one, and waits for it."""

from PyQt6.QtWidgets import QFrame, QHBoxLayout

from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.server_restart import RestartAct, ServerRestart
from messenger.language import _
from messenger.sdk.administration.results import ServerSettings
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.labels import text

_PATIENCE = 120.0
"""Seconds: a server waits 30 for its database, and an upgrade of that takes longer."""


class RestartBar(QFrame):
    """Shown while saved settings wait for a restart, and while the server restarts."""

    def __init__(self, requests: Requests, page: Page) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self._page = page
        self._words = text("")
        words = _("Restart the server")
        self.restart = acting(PlainButton(f"{words}…"), self._restart)
        self.act = ServerRestart(requests, page)
        self.act.waits.connect(self._wait)
        self.act.back.connect(self._is_back)
        self.act.failed.connect(self._words.setText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        layout.setSpacing(Space.M)
        layout.addWidget(self._words, 1)
        layout.addWidget(self.restart)
        self.hide()

    def know(self, found: ServerSettings) -> None:
        """Hear which settings wait."""
        self.setVisible(bool(found.waiting))
        self.restart.show()
        names = ", ".join(found.waiting)
        self._words.setText(_("Saved, and in effect after a restart: {names}", names=names))

    def _restart(self) -> None:
        act = RestartAct(
            _("Restart the server?"),
            [_("The server refuses if it could not start again with its settings.")],
            _("Restart"),
            lambda server: server.restart(),
            _("The server restarts. The window connects again by itself."),
            _PATIENCE,
        )
        self.act.begin(act)

    def _wait(self, words: str) -> None:
        self.restart.hide()
        self._words.setText(words)

    def _is_back(self) -> None:
        self._page.tell(_("The server has restarted."))
        self._page.refresh()
