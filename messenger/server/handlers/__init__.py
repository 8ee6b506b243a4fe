"""What the server does for each action, a module for each topic."""

from messenger.server.handlers import (
    accounts,
    contacts,
    creators,
    history,
    keys,
    messages,
    passwords,
    presence,
    rooms,
)

__all__ = [
    "accounts",
    "contacts",
    "creators",
    "history",
    "keys",
    "messages",
    "passwords",
    "presence",
    "rooms",
]
