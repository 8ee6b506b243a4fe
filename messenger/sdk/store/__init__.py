"""The client's database: contacts, conversations, messages and their states."""

from messenger.sdk.store.database import Store
from messenger.sdk.store.messages import ConversationRow, Lock, MessageState, StoredMessage, Trust

__all__ = ["ConversationRow", "Lock", "MessageState", "Store", "StoredMessage", "Trust"]
