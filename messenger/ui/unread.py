"""Counts unread messages over all conversations, for titles, tray icons and badges."""

from collections.abc import Iterable

from messenger.sdk.store import ConversationSummary


class UnreadCount:
    """The sum over all conversations that are not muted; `take` costs what has changed."""

    def __init__(self) -> None:
        self.rows: dict[str, ConversationSummary] = {}
        self.total = 0
        # Not counted from the old rows: a mute may have ended since.
        self._counts: dict[str, int] = {}

    def take(self, summaries: Iterable[ConversationSummary]) -> bool:
        """Take new or changed rows; return whether the sum is another one."""
        before = self.total
        for row in summaries:
            count = 0 if row.muted else row.unread
            self.total += count - self._counts.get(row.name, 0)
            self._counts[row.name] = count
            self.rows[row.name] = row
        return self.total != before


def counted(title: str, unread: int) -> str:
    """Return a window's title with the number of unread messages before it."""
    return f"({unread}) {title}" if unread else title
