"""Settings of conversations on their way into the database: reads show them already."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from messenger.sdk.store.messages import ConversationSummary
from messenger.sdk.store.overview import new_row

_Values = dict[str, dict[str, Any]]


class QueuedSettings:
    """Drafts, pins and mutes that a user has set; safe to use from any thread.

    Whoever sets one need not wait until it is stored, and reads what he has set nevertheless.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queued: dict[tuple[str, str], tuple[object, Any]] = {}

    def add(self, conversation: str, **values: Any) -> Callable[[], None]:
        """Show these values of a conversation until the returned function is called.

        That is to be called once they are stored. Values that were set later stay.
        """
        mark = object()
        with self._lock:
            for field, value in values.items():
                self._queued[conversation, field] = mark, value

        def stored() -> None:
            with self._lock:
                for field in values:
                    if self._queued.get((conversation, field), (None,))[0] is mark:
                        del self._queued[conversation, field]

        return stored

    def now(self, names: Sequence[str] | None = None) -> _Values:
        """Return what is queued, of all or of these conversations; call it before a read."""
        found: _Values = {}
        with self._lock:
            for (name, field), (_mark, value) in self._queued.items():
                if names is None or name in names:
                    found.setdefault(name, {})[field] = value
        return found


def with_queued(rows: Iterable[ConversationSummary], queued: _Values) -> list[ConversationSummary]:
    """Return rows of the list with what is queued, in its order."""
    found = {row.name: row for row in rows}
    for name, values in queued.items():
        found[name] = found.get(name, new_row(name))._replace(**values)
    return sorted(found.values(), key=lambda row: row.rank, reverse=True)
