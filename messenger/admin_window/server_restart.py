"""What makes the server start anew: asked for, requested, and waited for by the window."""

from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal

from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.returning import Returning
from messenger.language import _, ngettext
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import Restarting, StatsNow
from messenger.ui.errors import explain
from messenger.windows.widgets.question import ask


class RestartAct(NamedTuple):
    """What is asked of the user, and then of the server: title, sentences, and the button's words.

    `said` is what is shown meanwhile, and `seconds` how long the window waits for the server.
    """

    title: str
    sentences: list[str]
    yes: str
    do: Callable[[Administration], Restarting]
    said: str
    seconds: float


class ServerRestart(QObject):
    """One such act of a page.

    Signals: `waits`, with what is to be shown until `back`; `failed`, with why that will not be.
    """

    waits = pyqtSignal(str)
    back = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, requests: Requests, page: Page) -> None:
        super().__init__(page)
        self._requests = requests
        self._page = page
        self.is_waiting = False
        """Whether the server is away: nothing can be asked of it."""
        self._returning = Returning(requests, self)
        self._returning.back.connect(self._is_back)
        self._returning.missing.connect(self._is_missing)

    def begin(self, act: RestartAct) -> None:
        """Ask the user, with how many people are online; then the server."""
        self._requests.ask(
            lambda server: server.stats().now,
            lambda now: self._ask(act, now),
            failed=self._refused,
            owner=self,
        )

    def _ask(self, act: RestartAct, now: StatsNow) -> None:
        online = ngettext("{count} person is online.", "{count} people are online.", now.online)
        ending = _(
            "All connections end, and come back by themselves, this window's too. Clients send"
            " again what was not acknowledged."
        )
        question = "\n\n".join([*act.sentences, f"{online} {ending}"])
        ask(act.title, question, act.yes, lambda: self._do(act, now.started), self._page.window())

    def _do(self, act: RestartAct, started: float) -> None:
        self._page.set_loading(True)
        self._requests.ask(
            act.do,
            lambda found: self._restarts(act, found, started),
            failed=self._refused,
            owner=self,
        )

    def _restarts(self, act: RestartAct, found: Restarting, started: float) -> None:
        if found.moved and not self._requests.is_local:
            address = self._requests.address(found.port)
            self._fail(
                _("The server has another port now: open the window for {address}", address=address)
            )
            return
        self.is_waiting = True
        self.waits.emit(act.said)
        self._returning.begin(started, act.seconds)

    def _is_back(self) -> None:
        self.is_waiting = False
        self.back.emit()

    def _is_missing(self) -> None:
        self._fail(_("The server is not back yet: look at its log, on its machine"))

    def _refused(self, error: Exception) -> None:
        self._fail(explain(error))

    def _fail(self, words: str) -> None:
        self.is_waiting = False
        self._page.set_loading(False)
        self.failed.emit(words)
