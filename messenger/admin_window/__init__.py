"""The administration window: what the server does, and what can be changed, with PyQt6."""
