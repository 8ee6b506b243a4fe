"""The input field: it grows, has a history, completes, and keeps a draft for each conversation."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult, Location

from messenger.console.screen.form_fields import InOrder
from messenger.console.screen.guarded import Guarded
from messenger.sdk.store import ConversationSummary
from messenger.ui.completion import complete_word
from messenger.ui.drafts import Drafts
from messenger.ui.sent_texts import SentTexts

_PAUSE = 1.0  # Seconds: each write of a draft is a commit to the local database.


class Composer(Guarded, InOrder, TextArea):
    """Enter sends, Alt+Enter or Ctrl+J begins a line, Tab completes, Up and Down recall.

    Deleted text is not lost: Ctrl+Z undoes, and Ctrl+Y inserts the last deletion.

    `target` is the conversation that the text goes to. Posts `Sent` with the text, and `Typed`
    while the user types one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+k", "delete_to_end_of_line", show=False),
        Binding("ctrl+y", "yank", show=False),
        Binding("ctrl+shift+z,alt+z", "redo", show=False),
    ]

    class Sent(Message):
        """The user has finished a text for a conversation."""

        def __init__(self, to: str, text: str) -> None:
            super().__init__()
            self.to = to
            self.text = text

    class Typed(Message):
        """The user is typing a message."""

    class Turned(Message, bubble=False):
        """Another conversation was opened: queued with the keys, to keep their order."""

        def __init__(self, to: str) -> None:
            super().__init__()
            self.to = to

    def __init__(
        self, to: str, drafts: Drafts, names: Callable[[], Iterable[str]], placeholder: str
    ) -> None:
        super().__init__(
            drafts.of(to), id="composer", placeholder=placeholder, highlight_cursor_line=False
        )
        self.target = to
        self._drafts = drafts
        self._names = names
        self._sent_texts = SentTexts()
        self._deleted = ""
        self._loaded = self.text
        self._candidates: list[str] = []
        self._candidate = 0

    def on_mount(self) -> None:
        """Place the cursor after the draft."""
        self._draft_timer = self.set_interval(_PAUSE, self._keep_at_pause, pause=True)
        self.move_cursor(self.document.end)

    # --- conversations -------------------------------------------------------------------------

    def turn_to(self, to: str) -> None:
        """Switch to another conversation and its draft.

        Keys that were pressed before this still go to the previous conversation, later ones to the
        new one.
        """
        self.post_message(self.Turned(to))

    def on_composer_turned(self, message: Turned) -> None:
        """Store the draft, and load the other one."""
        if message.to != self.target:
            self.keep_draft()
            self._drafts.share()
            self.target = message.to
            self._load(self._drafts.of(message.to))
            self._sent_texts.leave()

    def keep_draft(self) -> None:
        """Store the draft."""
        self._drafts.keep(self.target, self.text)

    def take_drafts(self, rows: Iterable[ConversationSummary], written: int) -> bool:
        """Take drafts of the user's other devices, but for what is being typed (`Drafts.take`)."""
        before = self._drafts.of(self.target)
        is_taken = self._drafts.take(rows, written)
        draft = self._drafts.of(self.target)
        if self.text == before != draft:
            self._load(draft)
        return is_taken

    def rewrite(self, text: str) -> None:
        """Replace the text; this can be undone."""
        self._put(text)

    def put_back(self, to: str, text: str) -> None:
        """Restore a text that could not be sent, before what was typed meanwhile."""
        if to == self.target:
            self._put("\n".join(filter(None, (text, self.text))))
        else:
            self._drafts.keep(to, "\n".join(filter(None, (text, self._drafts.of(to)))))

    # --- keys ----------------------------------------------------------------------------------

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
        """Report that the user is typing, unless it is a command."""
        # A draft that is loaded changes the text, too, but nobody has typed it.
        if self.text != self._loaded and not self.text.startswith("/"):
            self._draft_timer.reset()
            self._draft_timer.resume()
            if self.text:
                self.post_message(self.Typed())

    def _keep_at_pause(self) -> None:
        """Store the draft, once for all keys; not a command, which may have a password."""
        self._draft_timer.pause()
        if not self.text.startswith("/"):
            self.keep_draft()

    def action_yank(self) -> None:
        """Insert what was deleted last."""
        if self._deleted:
            self.insert(self._deleted)

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        deleted = super()._delete_via_keyboard(start, end)
        # A single character is soon typed again: it must not replace what was deleted before.
        if deleted is not None and len(deleted.replaced_text) > 1:
            self._deleted = deleted.replaced_text
        return deleted

    def _send(self) -> bool:
        text = self.text.strip()
        if text:
            self._sent_texts.add(text)
            self._load("")
            self.post_message(self.Sent(self.target, text))
        return True

    def _recall_older(self) -> bool:
        if self.cursor_location[0] > 0:
            return False
        return self._recall(self._sent_texts.older(self.text))

    def _recall_newer(self) -> bool:
        if self.cursor_location[0] < self.text.count("\n"):
            return False
        return self._recall(self._sent_texts.newer())

    def _recall(self, text: str | None) -> bool:
        if text is None:
            return False
        self._put(text)
        return True

    def _complete(self) -> bool:
        """Replace the word by the next candidate; if the field is empty, let Tab leave it."""
        if not self.text:
            return False
        if not self._candidates:
            found = complete_word(self.text, list(self._names()))
            if not found.candidates:
                return True
            head = self.text[: found.start]
            self._candidates = [head + candidate.text for candidate in found.candidates]
            self._candidate = -1
        self._candidate = (self._candidate + 1) % len(self._candidates)
        candidates = self._candidates
        self._put(candidates[self._candidate])
        self._candidates = candidates
        return True

    def _load(self, text: str) -> None:
        """Load a text without an undo history: Ctrl+Z must not restore that of another chat."""
        self._loaded = text
        self.load_text(text)
        self.move_cursor(self.document.end)

    def _put(self, text: str) -> None:
        """Replace the text; this can be undone."""
        self.replace(text, (0, 0), self.document.end)
        self.move_cursor(self.document.end)
