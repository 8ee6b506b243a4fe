"""The line to write in: it grows, remembers, and completes."""

from collections.abc import Callable, Iterable

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from messenger.console.table import COMMANDS

_MOST_REMEMBERED = 200


class Composer(TextArea):
    """Enter sends, Alt+Enter begins a line, Tab completes, Up and Down recall.

    Posts `Sent` with the text, and `Typed` while there is one.
    """

    DEFAULT_CSS = """
    Composer, Composer:focus {
        height: auto; max-height: 6; border: none; padding: 0 1; background: $boost;
    }
    """

    class Sent(Message):
        """The user has finished a text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Typed(Message):
        """The user is writing."""

    def __init__(self, names: Callable[[], Iterable[str]], placeholder: str) -> None:
        super().__init__(id="composer", placeholder=placeholder, highlight_cursor_line=False)
        self._names = names
        self._history: list[str] = []
        self._recalled = 0
        self._candidates: list[str] = []
        self._candidate = 0

    async def _on_key(self, event: events.Key) -> None:
        action = {
            "enter": self._send,
            "tab": self._complete,
            "up": self._recall_older,
            "down": self._recall_newer,
        }.get(event.key)
        if event.key != "tab":
            self._candidates = []
        if event.key in ("alt+enter", "shift+enter", "ctrl+j"):
            event.prevent_default()
            event.stop()
            self.insert("\n")
        elif action is not None and action():
            event.prevent_default()
            event.stop()
        else:
            await super()._on_key(event)

    def on_text_area_changed(self) -> None:
        """Tell that the user is writing, unless it is a command."""
        if self.text and not self.text.startswith("/"):
            self.post_message(self.Typed())

    def _send(self) -> bool:
        text = self.text.strip()
        if text:
            self._history = [*self._history[-_MOST_REMEMBERED:], text]
            self._recalled = len(self._history)
            self.clear()
            self.post_message(self.Sent(text))
        return True

    def _recall_older(self) -> bool:
        if self.cursor_location[0] > 0 or self._recalled == 0:
            return False
        self._recalled -= 1
        self._put(self._history[self._recalled])
        return True

    def _recall_newer(self) -> bool:
        last = self.text.count("\n")
        if self.cursor_location[0] < last or self._recalled >= len(self._history):
            return False
        self._recalled += 1
        self._put(self._history[self._recalled] if self._recalled < len(self._history) else "")
        return True

    def _complete(self) -> bool:
        """Put the next candidate in the place of the word; leave the field if it is empty."""
        if not self.text:
            return False
        if not self._candidates:
            head, _space, word = self.text.rpartition(" ")
            known = [f"/{name}" for name in COMMANDS] if not head else []
            found = [
                name
                for name in (*known, *self._names())
                if name.casefold().startswith(word.casefold())
            ]
            if not word or not found:
                return True
            start = f"{head} " if head else ""
            self._candidates = [f"{start}{_quoted(name)} " for name in dict.fromkeys(found)]
            self._candidate = -1
        self._candidate = (self._candidate + 1) % len(self._candidates)
        candidates = self._candidates
        self._put(candidates[self._candidate])
        self._candidates = candidates
        return True

    def _put(self, text: str) -> None:
        self.text = text
        self.move_cursor(self.document.end)


def _quoted(name: str) -> str:
    """Return a name as commands take it."""
    return f'"{name}"' if " " in name else name
