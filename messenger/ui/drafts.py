"""Drafts, one for each conversation: they survive a restart."""

from collections.abc import Callable

from messenger.sdk.store import Store

_DRAFT = "draft "  # prefix of the names of drafts in the store


def _at_once(work: Callable[[], None]) -> None:
    work()


class Drafts:
    """Texts that are not sent yet.

    All are read at the beginning: one that was read later could replace typed text, or be replaced
    by it. `run` is called with functions that write to the local database, and may run them in
    another thread.
    """

    def __init__(self, store: Store, run: Callable[[Callable[[], None]], None] = _at_once) -> None:
        self._store = store
        self._run = run
        self._texts = store.beginning_with(_DRAFT)

    def of(self, name: str) -> str:
        """Return the draft of a conversation, empty if there is none."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Store the draft of a conversation; an empty one deletes it."""
        if self.of(name) != text:
            self._texts[name] = text
            self._run(lambda: self._store.put(_DRAFT + name, text or None))
