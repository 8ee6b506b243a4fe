"""Tells the service manager how the server is: systemd's protocol of `sd_notify(3)`."""

import logging
import os
import socket
import time
from collections.abc import Mapping

_logger = logging.getLogger("messenger.server")

_MICRO = 1_000_000  # the protocol's times are in microseconds
_RESTARTING = 86_400  # seconds: an upgrade of a large database must not be killed


class ServiceManager:
    """Sends states to the socket in NOTIFY_SOCKET; without one all of it does nothing.

    `watchdog` is the time in seconds within which signs of life are expected, 0 if none are.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        # A name in the abstract namespace begins with a null byte, which is written as `@`.
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._socket: socket.socket | None = None
        self._is_deaf = False
        self._is_ready = False
        if name.startswith(("/", "@")) and hasattr(socket, "AF_UNIX"):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        self.watchdog = _watchdog(environment) if self._socket is not None else 0.0

    def ready(self) -> None:
        """The server accepts connections."""
        self._is_ready = True
        state = "READY=1"
        if self.watchdog:
            # A restart has made it longer.
            state += f"\nWATCHDOG_USEC={round(self.watchdog * _MICRO)}"
        self._send(state)

    def reloading(self) -> None:
        """The server reloads its certificate; call `reloaded` after it."""
        # A signal may come at any time: a server that starts or stops is not ready after it.
        if not self._is_ready:
            return
        now = int(time.clock_gettime(time.CLOCK_MONOTONIC) * _MICRO) if self._socket else 0
        self._send(f"RELOADING=1\nMONOTONIC_USEC={now}")

    def reloaded(self) -> None:
        """The server has reloaded its certificate."""
        if self._is_ready:
            self.ready()

    def restarting(self) -> None:
        """The server starts anew in its process, which is `ready` then."""
        self.reloading()
        self._is_ready = False
        if self.watchdog:
            self._send(f"WATCHDOG_USEC={_RESTARTING * _MICRO}")

    def stopping(self) -> None:
        """The server is shutting down."""
        self._is_ready = False
        self._send("STOPPING=1")

    def alive(self) -> None:
        """A sign of life, before the time of the watchdog is over."""
        self._send("WATCHDOG=1")

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, state: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(state.encode(), self._address)
        except OSError as error:
            # Once: signs of life would fill the log.
            if not self._is_deaf:
                _logger.warning("The service manager does not listen: %s", error)
            self._is_deaf = True


def _watchdog(environment: Mapping[str, str]) -> float:
    """Return the watchdog's time in seconds, if it is this process that it watches."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    found = environment.get("WATCHDOG_USEC", "")
    return int(found) / _MICRO if found.isascii() and found.isdigit() else 0.0
