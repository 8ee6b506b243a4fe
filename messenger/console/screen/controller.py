"""Passes events, output of commands and prompts from other threads to the screen."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, Protocol

from textual.app import App
from textual.message import Message

from messenger.console.controller import ConsoleController
from messenger.console.screen.dialogs import Ask, Confirm, Dialog
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.profiles import Profile
from messenger.ui.command_threads import CommandView, ThreadedController
from messenger.ui.prompts import Cancelled, Prompter


class Happened(Message):
    """The client has emitted events, in one of its threads."""

    def __init__(self, events: list[Any]) -> None:
        super().__init__()
        self.events = events


class Wanted(Message):
    """A thread needs something done in the screen's thread."""

    def __init__(self, do: Callable[[], Any]) -> None:
        super().__init__()
        self.do = do


class View(CommandView, Protocol):
    """The screen as commands and prompts see it; its methods run in the screen's thread."""

    def ask(self, dialog: Dialog[Any], answered: Callable[[Any], None]) -> None:
        """Show a dialog once no other one is open."""


class ScreenController(ThreadedController, ConsoleController):
    """A user at the full-screen client, who writes texts and commands."""

    def __init__(
        self,
        client: Client,
        profile: Profile,
        app: App[int],
        view: View,
        prompter: Prompter,
        to: str,
    ) -> None:
        super().__init__(
            client, profile, prompter, view, lambda do: app.post_message(Wanted(do)), to=to
        )


class DialogPrompter(Prompter):
    """Asks in dialogs; texts that were said before are shown in the next dialog."""

    def __init__(self, app: App[int], view: View, password: str | None) -> None:
        super().__init__(may_ask=True, password=password)
        self._app = app
        self._view = view
        self._said: list[str] = []
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._is_over = False

    def give_up(self) -> None:
        """Cancel waiting and future prompts: the screen ends, and nobody can answer."""
        with self._lock:
            self._is_over = True
            for answer in self._open:
                answer.cancel()

    def read(self, prompt: str, *, secret: bool = False) -> str:
        """Return a line that the user writes, unseen if it is secret; raises Cancelled."""
        return str(self._ask_in(Ask(self._with_said(prompt), secret=secret)))

    def agrees(self, question: str) -> bool:
        """Ask a yes-or-no question; raises Cancelled."""
        return bool(self._ask_in(Confirm(self._with_said(question))))

    def say(self, text: str) -> None:
        """Say something before the next question."""
        self._said.append(text)

    def left_to_say(self) -> str:
        """Return texts that were said after the last question, once."""
        said, self._said = self._said, []
        return "\n".join(said)

    def _with_said(self, prompt: str) -> str:
        return "\n".join(filter(None, (self.left_to_say(), prompt)))

    def _ask_in(self, dialog: Dialog[Any]) -> Any:
        """Ask in a dialog and wait for the answer; blocks, so not for the screen's thread.

        Raises Cancelled.
        """
        answer: Future[Any] = Future()
        with self._lock:
            if self._is_over:
                raise Cancelled(_("Cancelled."))
            self._open.add(answer)

        def answered(found: Any) -> None:
            # `give_up` may have cancelled it.
            if not answer.done():
                answer.set_result(found)

        self._app.post_message(Wanted(lambda: self._view.ask(dialog, answered)))
        try:
            found = answer.result()
        except CancelledError:
            found = None
        finally:
            with self._lock:
                self._open.discard(answer)
        if found is None:
            raise Cancelled(_("Cancelled."))
        return found
