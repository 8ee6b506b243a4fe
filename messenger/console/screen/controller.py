"""Passes events, output of commands and prompts from other threads to the screen."""

import itertools
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
from messenger.sdk.store import StoredMessage
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


class RunningCommand(threading.local):
    """The command that runs in this thread, if any: number, line, and conversation."""

    number = 0
    line = ""
    at = ""


class View(Protocol):
    """The screen as commands see it; its methods run in the screen's thread."""

    def note(self, text: str) -> None:
        """Show a note of the program."""

    def show_output(self, number: int, command: str, text: str, *, refused: bool = False) -> None:
        """Show output of a command; each run has its number."""

    async def go_to(self, name: str, *, keeps_output: bool = False) -> None:
        """Open a conversation."""

    async def written(self, message: StoredMessage) -> None:
        """Show a message that the user has written."""

    async def load_older(self) -> None:
        """Show older messages."""

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""

    def apply_preferences(self) -> None:
        """Apply the settings to the display."""

    def ask(self, dialog: Dialog[Any], answered: Callable[[Any], None]) -> None:
        """Show a dialog once no other one is open."""


class ScreenController(ConsoleController):
    """Passes the output of commands to the screen.

    A command acts on the conversation that it was typed in, even if the user opens another one.
    """

    def __init__(
        self,
        client: Client,
        profile: Profile,
        app: App[int],
        view: View,
        prompter: Prompter,
        to: str,
    ) -> None:
        # Before the base class, which sets `current`.
        self._command = RunningCommand()
        super().__init__(client, profile, prompter, to=to)
        self._app = app
        self._view = view
        self._numbers = itertools.count(1)

    @property
    def current(self) -> str:
        """The open conversation; for a command the one that it was typed in."""
        return self._command.at or self._open

    @current.setter
    def current(self, name: str) -> None:
        self._open = name

    def run(self, line: str, at: str) -> None:
        """Run a command that was typed in a conversation; blocks: not for the screen's thread."""
        command = self._command
        command.number, command.line, command.at = next(self._numbers), line, at
        self.take(line)

    def typed_at(self, at: str) -> None:
        """The user is typing in a conversation; for a thread that runs no commands."""
        self._command.at = at
        self.typed()

    def show(self, text: str) -> None:
        """Show output of the command that runs in this thread, or a note of the program."""
        self._show(text)

    def refuse(self, text: str) -> None:
        """Show why a command was refused: this stays visible when the user goes on writing."""
        self._show(text, refused=True)

    def _show(self, text: str, *, refused: bool = False) -> None:
        number, line = self._command.number, self._command.line
        if number:
            self._want(lambda: self._view.show_output(number, line, text, refused=refused))
        else:
            self._want(lambda: self._view.note(text))

    def open(self, name: str) -> None:
        """Open a conversation."""
        is_own = bool(self._command.number)
        self._want(lambda: self._view.go_to(name, keeps_output=is_own))

    def wrote(self, message: StoredMessage) -> None:
        """Show a message that the user has written."""
        self._want(lambda: self._view.written(message))

    def show_history(self, count: int) -> None:  # noqa: ARG002  it scrolls instead
        """Show older messages."""
        self._want(self._view.load_older)

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""
        self._want(lambda: self._view.show_help(usages))

    def preferences_changed(self) -> None:
        """Apply the settings to the display."""
        self._want(self._view.apply_preferences)

    def _want(self, do: Callable[[], Any]) -> None:
        self._app.post_message(Wanted(do))


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
