"""What is being written in each conversation: it is found there again, also after a restart."""

from collections.abc import Callable

from messenger.sdk.store import Store

_DRAFT = "draft "  # what the store's names of drafts begin with


def _at_once(work: Callable[[], None]) -> None:
    work()


class Drafts:
    """Texts that are not sent yet.

    All are read at the beginning: one that came later could replace what is typed, or be replaced
    by it. `run` is given what writes to the local database, for another thread perhaps.
    """

    def __init__(self, store: Store, run: Callable[[Callable[[], None]], None] = _at_once) -> None:
        self._store = store
        self._run = run
        self._texts = store.beginning_with(_DRAFT)

    def of(self, name: str) -> str:
        """Return the text for a conversation, empty if nothing is being written there."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Keep the text that is being written in a conversation; an empty one forgets it."""
        if self.of(name) != text:
            self._texts[name] = text
            self._run(lambda: self._store.put(_DRAFT + name, text or None))
