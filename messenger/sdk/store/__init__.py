"""The client's database: contacts, conversations, messages and their states."""

from typing import TYPE_CHECKING

from messenger.sdk.store.messages import (
    WAITS,
    ConversationSummary,
    IdentityTrust,
    MessageSecurity,
    MessageState,
    StoredMessage,
)

if TYPE_CHECKING:
    from messenger.sdk.store.database import Store
else:

    def __getattr__(name: str) -> object:
        """Import the database at its first use: who needs only the types is spared SQLAlchemy."""
        if name != "Store":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from messenger.sdk.store.database import Store

        return Store


__all__ = [
    "WAITS",
    "ConversationSummary",
    "IdentityTrust",
    "MessageSecurity",
    "MessageState",
    "Store",
    "StoredMessage",
]
