"""Passes events, output of commands and prompts from other threads to the screen."""

from collections.abc import Callable
from typing import Any, Protocol

from textual.app import App
from textual.message import Message

from messenger.console.controller import ConsoleController
from messenger.console.screen.dialogs import Ask, Confirm, Dialog
from messenger.sdk.client import Client
from messenger.sdk.profiles import Profile
from messenger.ui.command_threads import CommandView, ThreadedController
from messenger.ui.prompts import Prompter
from messenger.ui.waiting_prompter import Answer, Answered, Question, WaitingPrompter


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


class DialogPrompter(WaitingPrompter):
    """Asks in dialogs of the screen."""

    def __init__(self, app: App[int], view: View, password: str | None) -> None:
        super().__init__(password=password)
        self._app = app
        self._view = view

    def show(self, question: Question, answered: Answered) -> None:
        """Show a dialog once no other one is open."""
        dialog: Dialog[Any] = (
            Confirm(question.text)
            if question.wanted is Answer.CONSENT
            else Ask(question.text, secret=question.wanted is Answer.SECRET)
        )
        self._app.post_message(Wanted(lambda: self._view.ask(dialog, answered)))
