"""The client's database: contacts, conversations, messages and their states."""

from messenger.sdk.store.database import Store
from messenger.sdk.store.messages import (
    WAITS,
    ConversationSummary,
    IdentityTrust,
    MessageSecurity,
    MessageState,
    StoredMessage,
)

__all__ = [
    "WAITS",
    "ConversationSummary",
    "IdentityTrust",
    "MessageSecurity",
    "MessageState",
    "Store",
    "StoredMessage",
]
