"""The server: sockets, sessions, the log of messages and what may be asked of them."""
