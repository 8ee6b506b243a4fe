"""Backups of a whole server in one file: made while it runs, verified, and restored."""
