"""The operator's connection on the server's machine: to a server that runs, or to none."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from messenger import unix_sockets
from messenger.server.config import Settings, load_settings
from messenger.server.errors import CannotStart

_TIMEOUT = 10.0  # seconds for a server that is busy

__all__ = ["CannotStart", "is_in_use", "operator_connection", "running_server", "server_settings"]


def server_settings(given: Mapping[str, object]) -> Settings:
    """Return the settings of the server on this machine; raises CannotStart if one is wrong."""
    return load_settings(given)


@contextmanager
def operator_connection(settings: Settings, given: Mapping[str, object]) -> Iterator[socket.socket]:
    """Yield a socket that is connected to the server as its operator.

    `given` are the arguments from which the settings come.

    Where no server runs, its services are started in this process for as long as the block, on the
    same database, and without a port. Raises CannotStart if that is not possible.
    """
    if (running := running_server(settings.data)) is not None:
        with running:
            yield running
        return
    # Only here: a server's libraries take a third of a second to load.
    from messenger.server.offline import offline
    from messenger.server.settings.editor import SettingsEditor

    with offline(settings, SettingsEditor(given)) as connected:
        yield connected


def running_server(data: Path) -> socket.socket | None:
    """Return a connection to the server that runs in a directory; None if none does."""
    if not unix_sockets.AVAILABLE:
        return None
    try:
        return unix_sockets.connect(data / unix_sockets.OPERATOR_SOCKET, _TIMEOUT)
    except OSError:
        # There is no file, nobody listens (a server was killed), or it is another user's: then the
        # directory's lock tells more.
        return None


def is_in_use(data: Path) -> bool:
    """Tell whether a server has a directory, which one that starts anew never lets go of.

    Raises OSError if that cannot be known.
    """
    # Only here, as above.
    from messenger.server.store.directory_lock import is_locked

    return is_locked(data)
