"""Dialogs of an app: one at a time, opened by a key or by a prompt of a thread."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from messenger.console.screen.dialogs import Dialog
from messenger.console.screen.guarded import GuardedApp
from messenger.console.screen.help import Help
from messenger.console.screen.shortcuts import ACTIONS, key_lines
from messenger.ui.commands import COMMANDS

_CLOSING = ("help", "settings", "search")
"""Actions whose keys also close their dialog; in other dialogs these keys do nothing."""


class Asking(GuardedApp[int]):
    """An app in which an open dialog gets all keys, and further prompts wait until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._questions: deque[tuple[Dialog[Any], Callable[[Any], None]]] = deque()

    @property
    def dialog(self) -> Dialog[Any] | None:
        """The open dialog."""
        top = self.screen if self.screen_stack else None
        return top if isinstance(top, Dialog) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the app's keys while a dialog is open, but for the one that closes it."""
        dialog = self.dialog
        # Nothing may keep the user from leaving.
        if dialog is None or action not in ACTIONS or action == "quit":
            return super().check_action(action, parameters)
        return action in _CLOSING and dialog.opened_by == action

    def ask(self, dialog: Dialog[Any], answered: Callable[[Any], None]) -> None:
        """Show a dialog once no other one is open."""
        self._questions.append((dialog, answered))
        self._ask_next()

    def open_dialog(
        self,
        action: str,
        make: Callable[[], Dialog[Any]],
        answered: Callable[[Any], Any] = lambda _: None,
    ) -> None:
        """Open the dialog of a key, or close it if it is open."""
        if self.dialog is not None:
            if self.dialog.opened_by == action:
                self.dialog.dismiss(None)
            return
        dialog = make()
        dialog.opened_by = action
        self._push(dialog, answered)

    def open_help(self, first: str) -> None:
        """Show keys and commands; `first` is the tab to begin with."""
        usages = [entry.usage for entry in COMMANDS.values()]
        self.open_dialog("help", lambda: Help(usages, key_lines(), first=first))

    def show_help(self, usages: list[str]) -> None:  # noqa: ARG002  the dialog has them all
        """Show how commands are written, and what the keys do."""
        self.open_help("commands")

    def _ask_next(self) -> None:
        if self._questions and self.dialog is None:
            self._push(*self._questions.popleft())

    def _push(self, dialog: Dialog[Any], answered: Callable[[Any], Any]) -> None:
        async def closed(found: Any) -> None:
            result = answered(found)
            if asyncio.iscoroutine(result):
                await result
            self.call_later(self._ask_next)

        self.push_screen(dialog, closed)
