"""Copies a whole database to another one: from SQLite to PostgreSQL, back, or to the same kind."""
