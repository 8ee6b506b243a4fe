"""The client's database: contacts, conversations, messages and their states."""

from messenger.sdk.store.database import Store
from messenger.sdk.store.messages import (
    WAITS,
    ConversationRow,
    Lock,
    MessageState,
    StoredMessage,
    Trust,
)

__all__ = ["WAITS", "ConversationRow", "Lock", "MessageState", "Store", "StoredMessage", "Trust"]
