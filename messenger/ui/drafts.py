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
        # As the local database has them, as far as it is known; and those that it refused.
        self._stored = dict(self._texts)
        self._unstored: set[str] = set()
        self._begun = self.written = 0

    def of(self, name: str) -> str:
        """Return the draft of a conversation, empty if there is none."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Store the draft of a conversation; an empty one deletes it."""
        if self.of(name) != text or name in self._unstored:
            self._texts[name] = text
            self._unstored.discard(name)
            self._begun += 1
            self._run(lambda: self._write(name, text))

    def share(self) -> None:
        """Share what is stored with the user's other devices, without waiting for a pause."""
        self._run(self._client.share_drafts)

    def differs(self, row: ConversationSummary) -> bool:
        """Tell whether a changed row has another draft than is known here."""
        if row.draft != self.of(row.name):
            return True
        self._stored[row.name] = row.draft
        return False

    def take(self, rows: Iterable[ConversationSummary], written: int) -> bool:
        """Take drafts of the user's other devices from rows of the local database.

        `written` is what it was before the rows were read. False if they may be older than what was
        stored here meanwhile: read them again. What the database has refused, as on a full disk,
        stays, and is stored by the next `keep`.
        """
        if not written == self.written == self._begun:
            return False
        for row in rows:
            has_changed = row.draft != self._stored.get(row.name, "")
            self._stored[row.name] = row.draft
            if has_changed or row.draft == self.of(row.name):
                self._texts[row.name] = row.draft
            else:
                self._unstored.add(row.name)
        return True

    def _write(self, name: str, text: str) -> None:
        try:
            self._client.set_draft(name, text)
        finally:
            self.written += 1
