"""The handlers of all actions, one module per topic."""

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
