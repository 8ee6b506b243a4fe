"""Writing: the input field, completion, emoji, and what protects a conversation."""
