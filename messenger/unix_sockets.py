"""Unix sockets at paths of any length, which only their owner can use."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MAX_PATH = 103  # bytes: 104 with the zero at its end on macOS, 108 on Linux (unix(7))
_DESCRIPTORS = Path("/proc/self/fd")

AVAILABLE = hasattr(socket, "AF_UNIX")
"""Whether the system has Unix sockets: Python does not offer them on Windows."""

OPERATOR_SOCKET = "admin.sock"
"""The name, in a server's directory, of the socket at which its operator administers it."""


class PathTooLong(OSError):
    """The path is longer than the address of a socket can be on this system."""


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at this path (mode 0600), in place of one that nobody closed.

    The caller must know that nobody else listens there. Raises OSError.
    """
    remove(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Before it can be connected to; Linux gives the file the mode of its socket.
        os.fchmod(listening.fileno(), 0o600)
        with _short(path) as address:
            listening.bind(address)
            path.chmod(0o600)
        listening.listen()
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def connect(path: Path, timeout: float) -> socket.socket:
    """Return a socket that is connected to the one at this path; raises OSError.

    `timeout` is in seconds, for the connection and for each later call.
    """
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(timeout)
        with _short(path) as address:
            connected.connect(address)
    except OSError:
        connected.close()
        raise
    return connected


def remove(path: Path) -> None:
    """Remove the file of a socket, if there is one; raises OSError."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Return an address for the path, which may be longer than an address can be."""
    if len(os.fsencode(path)) <= _MAX_PATH:
        yield str(path)
        return
    if not _DESCRIPTORS.is_dir() or len(os.fsencode(path.name)) > _MAX_PATH // 2:
        raise PathTooLong(f"The path of the socket is too long: {path}")
    # On Linux a directory that is open has a short name, too.
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield str(_DESCRIPTORS / str(directory) / path.name)
    finally:
        os.close(directory)
