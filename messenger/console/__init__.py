"""The terminal client: full-screen or line by line for people, lines for pipes."""
