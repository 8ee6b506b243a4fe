"""What is kept for a while only: the server removes older messages and logins by itself."""
