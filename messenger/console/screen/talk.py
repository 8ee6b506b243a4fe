"""What reaches the screen from other threads: the client's events, and what commands want."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from textual.app import App
from textual.message import Message

from messenger.console.login import Keys, NoLogin
from messenger.console.screen.dialogs import Ask
from messenger.console.talk import Talk
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.profiles import Profile
from messenger.sdk.store import StoredMessage


class Happened(Message):
    """The client tells of something, from one of its threads."""

    def __init__(self, event: Any) -> None:
        super().__init__()
        self.event = event


class Wanted(Message):
    """A thread wants something done on the screen."""

    def __init__(self, do: Callable[[], Any]) -> None:
        super().__init__()
        self.do = do


class Face(Protocol):
    """What a screen does for the commands, in its own thread."""

    def note(self, text: str) -> None:
        """Show a line of the program's own."""

    async def go_to(self, name: str) -> None:
        """Open a conversation."""

    async def written(self, message: StoredMessage) -> None:
        """Show a message that was written."""

    async def load_older(self) -> None:
        """Show what came before."""

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""

    def apply_preferences(self) -> None:
        """Look as the user wants it to."""


class ScreenTalk(Talk):
    """Hands on to the screen what commands want to show."""

    def __init__(
        self, client: Client, profile: Profile, app: App[int], face: Face, keys: Keys, to: str
    ) -> None:
        super().__init__(client, profile, keys, to=to)
        self._app = app
        self._face = face

    def show(self, text: str) -> None:
        """Show a line of the program's own."""
        self._want(lambda: self._face.note(text))

    def open(self, name: str) -> None:
        """Open a conversation."""
        self._want(lambda: self._face.go_to(name))

    def wrote(self, message: StoredMessage) -> None:
        """Show a message that was written."""
        self._want(lambda: self._face.written(message))

    def show_history(self, count: int) -> None:  # noqa: ARG002  it scrolls instead
        """Show what came before."""
        self._want(self._face.load_older)

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""
        self._want(lambda: self._face.show_help(usages))

    def preferences_changed(self) -> None:
        """Look as the user wants it to."""
        self._want(self._face.apply_preferences)

    def _want(self, do: Callable[[], Any]) -> None:
        self._app.post_message(Wanted(do))


class AskingKeys(Keys):
    """Asks for passwords and the like in dialogs."""

    def __init__(self, app: App[int], note: Callable[[str], None], password: str | None) -> None:
        super().__init__(may_ask=True, password=password)
        self._app = app
        self._note = note
        self._asked: Future[str | None] | None = None

    def give_up(self) -> None:
        """Whoever waits for an answer gets none: the screen goes."""
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(None)

    def name(self, suggestion: str) -> str:
        """Return the name that the user wants."""
        return self._ask(_("Name [{suggestion}]: ", suggestion=suggestion)) or suggestion

    def password(self, prompt: str) -> str:
        """Return the password, without showing it."""
        answer = self._ask(prompt, secret=True)
        if answer is None:
            raise NoLogin(_("Not logged in."))
        return answer

    def agrees(self, question: str) -> bool:
        """Ask a question that is answered with yes or no."""
        answer = (self._ask(f"{question} [y/N]") or "").strip().casefold()
        return answer in ("y", "yes", _("y"), _("yes"))

    def say(self, text: str) -> None:
        """Say something before the next question."""
        self._app.post_message(Wanted(lambda: self._note(text)))

    def _ask(self, prompt: str, *, secret: bool = False) -> str | None:
        """Ask in a dialog and wait for the answer; not for the thread of the screen."""
        answer: Future[str | None] = Future()
        self._asked = answer

        def answered(text: str | None) -> None:
            if not answer.done():
                answer.set_result(text)

        dialog = Ask(prompt, secret=secret)
        self._app.post_message(Wanted(lambda: self._app.push_screen(dialog, answered)))
        return answer.result()
