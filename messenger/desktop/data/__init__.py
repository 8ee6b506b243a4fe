"""The data of a profile in the window: backup, restore, export of a conversation."""
