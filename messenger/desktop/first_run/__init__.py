"""The first run: server and account, several profiles, unlocking, the recovery code."""
