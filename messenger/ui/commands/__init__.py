"""The commands: each module enters its own into the table, in the order of the help."""

from messenger.ui.commands import messages, rooms, people, account, encryption  # isort: skip
from messenger.ui.commands.table import COMMANDS, run_command

__all__ = ["COMMANDS", "account", "encryption", "messages", "people", "rooms", "run_command"]
