"""Notifications, the tray icon, sounds and counts of the desktop client."""
