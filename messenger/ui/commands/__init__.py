"""The commands: each module enters its own into the table, in the order of the help."""

from messenger.ui.commands import messages, rooms, contacts, blocks, accounts, encryption, devices  # isort: skip
from messenger.ui.commands.table import COMMANDS, run_command

__all__ = [
    "COMMANDS",
    "accounts",
    "blocks",
    "contacts",
    "devices",
    "encryption",
    "messages",
    "rooms",
    "run_command",
]
