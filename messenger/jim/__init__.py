"""The wire: bytes to messages and back, with no socket, clock, thread or database."""
