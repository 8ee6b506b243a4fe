"""The full-screen client: conversations, messages, and a line to write in."""
