"""The bar of settings that wait for a restart of the server: it offers one, and waits for it."""

from PyQt6.QtWidgets import QFrame, QHBoxLayout

from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.returning import Returning
from messenger.language import _, ngettext
from messenger.sdk.administration.results import Restarting, ServerSettings, StatsNow
from messenger.ui.errors import explain
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.question import ask


class RestartBar(QFrame):
    """Shown while saved settings wait for a restart, and while the server restarts."""

    def __init__(self, requests: Requests, page: Page) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self._requests = requests
        self._page = page
        self._started = 0.0
        self._words = text("")
        words = _("Restart the server")
        self.restart = acting(PlainButton(f"{words}…"), self._look)
        self._returning = Returning(requests, self)
        self._returning.back.connect(self._is_back)
        self._returning.missing.connect(self._is_missing)
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

    def _look(self) -> None:
        self.restart.setEnabled(False)
        self._requests.ask(
            lambda server: server.stats().now, self._ask, failed=self._refused, owner=self
        )

    def _ask(self, now: StatsNow) -> None:
        self.restart.setEnabled(True)
        self._started = now.started
        lines = [
            ngettext("{count} person is online.", "{count} people are online.", now.online),
            _(
                "All connections end, and come back by themselves, this window's too. Clients send"
                " again what was not acknowledged."
            ),
            _("The server refuses if it could not start again with its settings."),
        ]
        title, yes = _("Restart the server?"), _("Restart")
        ask(title, "\n\n".join(lines), yes, self._restart, self._page.window())

    def _restart(self) -> None:
        self.restart.setEnabled(False)
        self._page.set_loading(True)
        self._requests.ask(
            lambda server: server.restart(), self._restarts, failed=self._refused, owner=self
        )

    def _restarts(self, found: Restarting) -> None:
        self.restart.hide()
        if found.moved and not self._requests.is_local:
            self._page.set_loading(False)
            address = self._requests.address(found.port)
            self._words.setText(
                _("The server has another port now: open the window for {address}", address=address)
            )
            return
        self._words.setText(_("The server restarts. The window connects again by itself."))
        self._returning.begin(self._started)

    def _is_back(self) -> None:
        self.restart.setEnabled(True)
        self._page.tell(_("The server has restarted."))
        self._page.refresh()

    def _is_missing(self) -> None:
        self.restart.setEnabled(True)
        self._page.set_loading(False)
        self._words.setText(_("The server is not back yet: look at its log, on its machine"))

    def _refused(self, error: Exception) -> None:
        self.restart.setEnabled(True)
        self._page.set_loading(False)
        self._words.setText(explain(error))
