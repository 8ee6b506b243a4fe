"""The terminal client: lines in, lines out, for people and for pipes."""
