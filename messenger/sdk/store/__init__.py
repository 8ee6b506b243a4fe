"""The client's database: contacts, conversations, messages and their states."""

from messenger.sdk.store.database import Store
from messenger.sdk.store.messages import ConversationRow, MessageState, StoredMessage

__all__ = ["ConversationRow", "MessageState", "Store", "StoredMessage"]
