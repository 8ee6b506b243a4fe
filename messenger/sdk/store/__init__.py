"""The client's database: contacts, conversations, messages and their states."""

from messenger.sdk.store.database import Store
from messenger.sdk.store.messages import (
    WAITS,
    ConversationRow,
    IdentityTrust,
    MessageSecurity,
    MessageState,
    StoredMessage,
)

__all__ = [
    "WAITS",
    "ConversationRow",
    "IdentityTrust",
    "MessageSecurity",
    "MessageState",
    "Store",
    "StoredMessage",
]
