"""The list of conversations: its order, unread counts, and the ways through it."""

from collections.abc import Iterable

from messenger.jim.names import EVERYONE
from messenger.sdk.store import ConversationSummary


class SortedConversations:
    """What the client's `summaries` know; always with the common chat and the open conversation.

    `names` are those shown, in order; `rows` the data of them. `take` gets all rows once, then
    those that have changed.
    """

    def __init__(self, current: str = EVERYONE) -> None:
        self.current = current
        self.rows: dict[str, ConversationSummary] = {}
        self.names: list[str] = []
        self._arrange()

    # --- changes -------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Show another conversation as the open one."""
        if name != self.current:
            self.current = name
            self._arrange()

    def take(self, summaries: Iterable[ConversationSummary]) -> None:
        """Show these rows, new ones or in the place of those that were known."""
        self.rows |= {row.name: row for row in summaries}
        self.rows = dict(sorted(self.rows.items(), key=lambda item: item[1].rank, reverse=True))
        self._arrange()

    def _arrange(self) -> None:
        self.names = list(dict.fromkeys([*self.rows, EVERYONE, self.current]))

    # --- queries -------------------------------------------------------------------------------

    @property
    def unread(self) -> int:
        """Unread messages in all conversations that are neither muted nor open."""
        rows = [row for row in self.rows.values() if row.unread and row.name != self.current]
        return sum(row.unread for row in rows if not row.muted)

    def next_unread(self, current: str) -> str | None:
        """Return the next conversation with unread messages after `current`, wrapping around."""
        at = self._place(current)
        for name in self.names[at + 1 :] + self.names[:at]:
            row = self.rows.get(name)
            if row is not None and row.unread and not row.muted:
                return name
        return None

    def neighbour(self, current: str, step: int) -> str:
        """Return the conversation `step` rows further down, wrapping around."""
        return self.names[(self._place(current) + step) % len(self.names)]

    def _place(self, name: str) -> int:
        return self.names.index(name) if name in self.names else 0


def matching(names: Iterable[str], words: str) -> list[str]:
    """Return the names that contain the typed text, ignoring case."""
    return [name for name in names if words.casefold() in name.casefold()]
