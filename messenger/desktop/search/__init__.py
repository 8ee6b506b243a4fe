"""Searching messages: in the open conversation, and in all."""
