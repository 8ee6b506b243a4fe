"""Commands that run in threads, beside what draws: their output goes to a view."""

import itertools
import threading
from collections.abc import Callable
from typing import Any, Protocol

from messenger.jim.names import EVERYONE
from messenger.sdk.client import Client
from messenger.sdk.profiles import Profile
from messenger.sdk.store import StoredMessage
from messenger.ui.commands.lines import take_line
from messenger.ui.conversation import ConversationController
from messenger.ui.prompts import Prompter


class RunningCommand(threading.local):
    """The command that runs in this thread, if any: number, line, and conversation."""

    number = 0
    line = ""
    at = ""


class CommandView(Protocol):
    """The conversation on the screen, as commands see it.

    Its methods are called in the thread that draws; they may return something to wait for there.
    """

    def note(self, text: str) -> None:
        """Show a note of the program."""

    def show_output(self, number: int, command: str, text: str, *, refused: bool = False) -> None:
        """Show output of a command; each run has its number."""

    def go_to(self, name: str, *, keeps_output: bool = False) -> Any:
        """Open a conversation."""

    def written(self, message: StoredMessage) -> Any:
        """Show a message that the user has written."""

    def load_older(self) -> Any:
        """Show older messages."""

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""

    def apply_preferences(self) -> None:
        """Apply the settings to the display."""


class ThreadedController(ConversationController):
    """Passes the output of commands to a view, by functions that `post` brings to its thread.

    A command acts on the conversation that it was typed in, even if the user opens another one.
    """

    def __init__(
        self,
        client: Client,
        profile: Profile,
        prompter: Prompter,
        view: CommandView,
        post: Callable[[Callable[[], Any]], object],
        *,
        to: str = EVERYONE,
    ) -> None:
        # Before the base class, which sets `current`.
        self._command = RunningCommand()
        super().__init__(client, profile, prompter, to=to)
        self._view = view
        self._post = post
        self._numbers = itertools.count(1)

    @property
    def current(self) -> str:
        """The open conversation; for a command the one that it was typed in."""
        return self._command.at or self._open

    @current.setter
    def current(self, name: str) -> None:
        self._open = name

    def run(self, line: str, at: str) -> None:
        """Run a command that was typed in a conversation; blocks: not for the thread that draws."""
        command = self._command
        command.number, command.line, command.at = next(self._numbers), line, at
        try:
            take_line(self, line)
        finally:
            command.number, command.line, command.at = 0, "", ""

    def typed_at(self, at: str) -> None:
        """The user is typing in a conversation; not for the thread that draws."""
        self._command.at = at
        try:
            self.typed()
        finally:
            self._command.at = ""

    def show(self, text: str) -> None:
        """Show output of the command that runs in this thread, or a note of the program."""
        self._show(text)

    def refuse(self, text: str) -> None:
        """Show why a command was refused: this stays visible when the user goes on writing."""
        self._show(text, refused=True)

    def _show(self, text: str, *, refused: bool = False) -> None:
        number, line = self._command.number, self._command.line
        if number:
            self._post(lambda: self._view.show_output(number, line, text, refused=refused))
        else:
            self._post(lambda: self._view.note(text))

    def open(self, name: str) -> None:
        """Open a conversation."""
        is_own = bool(self._command.number)
        self._post(lambda: self._view.go_to(name, keeps_output=is_own))

    def wrote(self, message: StoredMessage) -> None:
        """Show a message that the user has written."""
        self._post(lambda: self._view.written(message))

    def show_history(self, count: int) -> None:  # noqa: ARG002  it scrolls instead
        """Show older messages."""
        self._post(self._view.load_older)

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""
        self._post(lambda: self._view.show_help(usages))

    def preferences_changed(self) -> None:
        """Apply the settings to the display."""
        self._post(self._view.apply_preferences)
