"""Messages and conversations to show, as the local database would give them."""

from typing import Any

from messenger.sdk.store import ConversationSummary, MessageState, StoredMessage


def message(text: str = "hi", **changes: Any) -> StoredMessage:
    """Return a message of bob's, which differs from others in what is named."""
    made = StoredMessage(
        id=1,
        conversation="bob",
        seq=7,
        sent_id=None,
        sender="bob",
        text=text,
        encoding="utf-8",
        time=0,
        state=MessageState.RECEIVED,
        reason="",
        guest=False,
    )
    return made._replace(**changes)


def row(name: str, **changes: Any) -> ConversationSummary:
    """Return what the local database knows of a conversation."""
    made = ConversationSummary(
        name=name,
        synced=0,
        first=1,
        delivered=0,
        read=0,
        topic="",
        guest=False,
        encrypted=False,
        history=True,
        joined=0.0,
        muted_until=0.0,
        pinned=False,
        draft="",
        unread=0,
        last=None,
    )
    return made._replace(**changes)
