"""Drafts, one for each conversation: they survive a restart, and the user's devices share them."""

from collections.abc import Callable, Iterable

from messenger.sdk.client import Client
from messenger.sdk.store import ConversationSummary


def _at_once(work: Callable[[], None]) -> None:
    work()


class Drafts:
    """Texts that are not sent yet.

    All are read at the beginning: one that was read later could replace typed text, or be replaced
    by it. `run` is called with functions that write to the local database, and may run them in
    another thread. `written` counts those that have ended.
    """

    def __init__(
        self, client: Client, run: Callable[[Callable[[], None]], None] = _at_once
    ) -> None:
        self._client = client
        self._run = run
        self._texts = client.drafts()
        self._begun = self.written = 0

    def of(self, name: str) -> str:
        """Return the draft of a conversation, empty if there is none."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Store the draft of a conversation; an empty one deletes it."""
        if self.of(name) != text:
            self._texts[name] = text
            self._begun += 1
            self._run(lambda: self._write(name, text))

    def share(self) -> None:
        """Share what is stored with the user's other devices, without waiting for a pause."""
        self._run(self._client.share_drafts)

    def take(self, rows: Iterable[ConversationSummary], written: int) -> bool:
        """Take drafts of the user's other devices from rows of the local database.

        `written` is what it was before the rows were read. False if they may be older than what was
        stored here meanwhile: read them again.
        """
        if not written == self.written == self._begun:
            return False
        self._texts |= {row.name: row.draft for row in rows}
        return True

    def _write(self, name: str, text: str) -> None:
        try:
            self._client.set_draft(name, text)
        finally:
            self.written += 1
