"""What the server does for each action, a module for each topic."""

from messenger.server.handlers import (
    accounts,
    contacts,
    creators,
    devices,
    history,
    key_backups,
    keys,
    messages,
    passwords,
    presence,
    rooms,
    to_device,
)

__all__ = [
    "accounts",
    "contacts",
    "creators",
    "devices",
    "history",
    "key_backups",
    "keys",
    "messages",
    "passwords",
    "presence",
    "rooms",
    "to_device",
]
