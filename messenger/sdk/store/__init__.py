"""The client's database: contacts, conversations and messages, there without the server too."""

from messenger.sdk.store.database import Store
from messenger.sdk.store.messages import MessageState, StoredMessage

__all__ = ["MessageState", "Store", "StoredMessage"]
