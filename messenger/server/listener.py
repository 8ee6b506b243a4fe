"""The listening TCP sockets, and the descriptor that guards their port."""

import errno
import socket
from typing import Any, overload

from messenger.language import N_, _
from messenger.server.config import DEFAULT_PORT
from messenger.server.errors import CannotStart
from messenger.system_errors import reason_of
from messenger.verifiers import ServerVerifier


class Port:
    """A port number: an integer from 0 (any free port) to 65535, as TCP demands; 7777 unless set.

    Setting anything else raises TypeError or ValueError.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> "Port": ...
    @overload
    def __get__(self, instance: object, owner: type) -> int: ...
    def __get__(self, instance: object | None, owner: type) -> "Port | int":
        if instance is None:
            return self
        return int(getattr(instance, self._attribute, DEFAULT_PORT))

    def __set__(self, instance: object, value: int) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"A port is an integer, not {value!r}")
        if not 0 <= value <= 65535:
            raise ValueError(f"A port is a number from 0 to 65535, not {value}")
        setattr(instance, self._attribute, value)


EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  not bound here
"""The addresses that stand for all of a machine's own, and where it reaches itself then."""


def reached_at(address: str) -> str:
    """Return at which address this machine reaches a server that listens on this one."""
    bare = _bare(address)
    return EVERYWHERE.get(bare, bare)


class CannotListen(CannotStart):
    """The server cannot listen on the address or the port; the text says what to do."""


def of_metrics(error: CannotListen) -> CannotStart:
    """Return the error of the port for metrics, whose settings have no options to be named."""
    return CannotStart(f"metrics_{error.setting}: {error}")


class Listener(metaclass=ServerVerifier):
    """Holds the server's listening sockets, one per address family."""

    port = Port()

    def __init__(self, address: str, port: int, backlog: int = 4096) -> None:
        """Take the address (all available ones if it is empty) and the port to listen on."""
        self.address = address
        self.port = port
        # Linux shortens it to net.core.somaxconn, which is 4096 since 5.4 (listen(2)).
        self.backlog = backlog
        self.sockets: list[socket.socket] = []

    def open(self) -> list[socket.socket]:
        """Bind and listen; `port` is then the real one. Raises CannotListen."""
        try:
            for family, where in self._families():
                self.sockets.append(self._listen(family, where))
                # Port 0 becomes a real one, which the other family uses as well.
                self.port = self.sockets[0].getsockname()[1]
        except (OSError, UnicodeError) as error:  # UnicodeError: an impossible host name
            self.close()
            raise self._explained(error) from error
        return self.sockets

    def check(self) -> None:
        """Raise CannotListen if `open` would do so.

        A server that starts at the same time is not disturbed: the sockets are bound, but do not
        listen, and SO_REUSEADDR allows others to bind beside them.
        """
        try:
            for family, where in self._families():
                self._bind(family, where).close()
        except (OSError, UnicodeError) as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Close the sockets; the port is then free."""
        for listening in self.sockets:
            listening.close()
        self.sockets.clear()

    def _families(self) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
        """Return the address to bind in each family, without its port."""
        if self.address:
            found = socket.getaddrinfo(
                *(_bare(self.address), self.port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            return [(found[0][0], found[0][4])]
        families: list[tuple[socket.AddressFamily, tuple[Any, ...]]]
        families = [(socket.AF_INET, ("0.0.0.0",))]  # noqa: S104  all addresses: the given default
        if _has_ipv6():
            families.append((socket.AF_INET6, ("::",)))
        return families

    def _listen(self, family: socket.AddressFamily, where: tuple[Any, ...]) -> socket.socket:
        listening = self._bind(family, where)
        try:
            listening.listen(self.backlog)
            listening.setblocking(False)
        except OSError:
            listening.close()
            raise
        return listening

    def _bind(self, family: socket.AddressFamily, where: tuple[Any, ...]) -> socket.socket:
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            # A restart must not wait for old connections in TIME_WAIT.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:  # IPv4 has a socket of its own
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            _keep_alive(listening)
            # Flow information and the zone of an IPv6 address follow the port.
            listening.bind((where[0], self.port, *where[2:]))
        except OSError:
            listening.close()
            raise
        return listening

    def _explained(self, error: OSError | UnicodeError) -> CannotListen:
        number, setting = getattr(error, "errno", None), "port"
        if number == errno.EADDRINUSE:
            said = N_(
                "Another program listens on port {port} of {where}: stop it, or choose another port"
            )
        elif number == errno.EACCES:
            said = N_("No permission to listen on port {port}: choose one above 1023")
        else:
            setting = "address"
            said = N_("Cannot listen on {where}: {reason}; choose another address")
        where = self.address or _("all addresses")
        reason = reason_of(error) if isinstance(error, OSError) else _("not a valid host name")
        text = _(said, port=self.port, where=where, reason=reason)
        return CannotListen(text, setting=setting)


def _bare(address: str) -> str:
    """Return an address without the brackets in which IPv6 ones are written before a port."""
    return address.removeprefix("[").removesuffix("]")


def _has_ipv6() -> bool:
    """Tell whether this machine has IPv6 addresses: the kernel may support it without any."""
    if not socket.has_dualstack_ipv6():
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as trial:
            trial.bind(("::", 0))
    except OSError:
        return False
    return True


def _keep_alive(listening: socket.socket) -> None:
    """Have the system end connections whose peer is gone: plain clients are not probed by us.

    Accepted sockets inherit it.
    """
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # A dead peer is noticed four minutes after its last byte: 120 s, and four probes each 30 s.
    for option, value in (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
