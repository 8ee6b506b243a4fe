"""The server: sockets, sessions, the log of messages, and the handlers of requests."""
