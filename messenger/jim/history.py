"""Conversations on the wire: their list and their history."""

from msgspec import Raw, Struct, field

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Number
from messenger.jim.messages import Message


class Summary(Struct, omit_defaults=True):
    """A conversation in the list: its last number, and the user's receipts.

    An `encrypted` room accepts nothing unencrypted; one with `history` shows it to new members.
    `peer_delivered` and `peer_read` are the receipts of the other side of a direct chat.
    """

    conversation: str
    last: Number = 0
    delivered: Number = 0
    read: Number = 0
    unread: Number = 0
    peer_delivered: Number = 0
    peer_read: Number = 0
    time: float = 0
    topic: str = ""
    guest: bool = False
    encrypted: bool = False
    history: bool = False
    unique_id: str = ""


class ConversationsPage(Reply):
    """The reply to `conversations`; `next` is the `after` of the next page, if there is one."""

    conversations: list[Summary] = field(default_factory=list)
    next: Number | None = None


class ListConversations(Request[ConversationsPage], tag="conversations", kw_only=True):
    """List the user's conversations, in pages."""

    answer = ConversationsPage
    after: Number = 0


class HistoryPage(Reply):
    """The reply to `history`: messages by rising number, and the conversation's last number."""

    conversation: str = ""
    messages: list[Message] = field(default_factory=list)
    last: Number = 0


class HistoryFrames(Reply):
    """History as the server sends it: each message is a frame that is encoded already."""

    conversation: str = ""
    messages: list[Raw] = field(default_factory=list)
    last: int = 0


class GetHistory(Request[HistoryPage], tag="history", kw_only=True):
    """Read a conversation by number: the messages after `after`, or the last ones before `before`.

    Without either, the last ones.
    """

    answer = HistoryPage
    conversation: Name
    after: Number | None = None
    before: Number | None = None
    limit: Number = 100  # as many as a page has at most
