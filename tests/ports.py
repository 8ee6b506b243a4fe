"""Ports for tests that have to name one before anybody listens on it."""

import random
import socket
from contextlib import suppress

_chance = random.SystemRandom()


def free_port() -> int:
    """Return a port of those that the system gives to nobody who asks for any."""
    while True:
        port = _chance.randrange(10_000, 32_768)
        with suppress(OSError), socket.create_server(("", port)):
            return port
