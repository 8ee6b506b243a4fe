"""The full-screen client: conversations, messages, and an input field."""
