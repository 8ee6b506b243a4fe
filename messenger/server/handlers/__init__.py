"""The handlers of all actions, one module per topic."""

from messenger.server.handlers import (
    accounts,
    admin_accounts,
    admin_claim,
    contacts,
    device_keys,
    devices,
    history,
    key_backups,
    messages,
    passwords,
    room_rights,
    rooms,
    session,
    to_device,
)

__all__ = [
    "accounts",
    "admin_accounts",
    "admin_claim",
    "contacts",
    "device_keys",
    "devices",
    "history",
    "key_backups",
    "messages",
    "passwords",
    "room_rights",
    "rooms",
    "session",
    "to_device",
]
