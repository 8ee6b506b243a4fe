"""Fuzzing of both sides: invalid requests to a server, invalid replies and messages to clients."""
