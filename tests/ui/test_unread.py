"""The number of unread messages, as a title shows it."""

from math import inf

from messenger.ui.unread import UnreadCount, counted
from tests.ui.samples import row


def test_changed_rows_change_the_sum() -> None:
    unread = UnreadCount()

    assert unread.take([row("ann", unread=2), row("bob", unread=3)])
    assert unread.total == 5
    assert unread.take([row("ann")])
    assert unread.total == 3
    assert not unread.take([row("bob", unread=3, topic="tea")])


def test_what_is_muted_does_not_count_until_the_mute_ends() -> None:
    unread = UnreadCount()
    unread.take([row("ann", unread=2, muted_until=inf)])

    assert unread.total == 0
    unread.take([row("ann", unread=2)])
    assert unread.total == 2


def test_a_title_has_a_number_only_if_something_is_unread() -> None:
    assert counted("Messenger", 3) == "(3) Messenger"
    assert counted("Messenger", 0) == "Messenger"
