"""One window for each profile: a second start asks the first to come to the front.

What keeps two programs from one profile is its lock (`Profile.claim`). The socket here only brings
the window to the user, so it is listened on by whoever holds that lock: a socket that a killed
program has left can be removed without asking.
"""

import contextlib
import hashlib
import json
import logging
import os
import socket
import stat
import struct
import sys
import tempfile
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

_logger = logging.getLogger("messenger.client")

_PATIENCE = 2000
"""Milliseconds: a window that is busy for longer does not answer in time."""
_MOST = 4096
"""Bytes of a request: an invitation link has some hundred."""
_NAME_DIGITS = 24
_DONE = b"shown\n"


def name_of(place: Path) -> str:
    """Return the name of the socket for a directory: that of a profile, or of all of them."""
    digest = hashlib.sha256(os.fsencode(place.resolve())).hexdigest()[:_NAME_DIGITS]
    name = f"messenger-{digest}"
    if os.name == "nt":  # A pipe: its access rights keep others out.
        return name
    return str(_private_directory() / name)


class SingleInstance(QObject):
    """Listens for further starts. Signals: `asked`, with an invitation link or an empty string."""

    asked = pyqtSignal(str)

    def __init__(self, place: Path) -> None:
        """`place` is the directory of the profile, which the caller has claimed."""
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        name = name_of(place)
        QLocalServer.removeServer(name)
        if not self._server.listen(name):
            # A second start says that the profile is in use: nothing is lost but comfort.
            _logger.warning("No socket for further starts: %s", self._server.errorString())

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _answer(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            if _is_own(connection):
                connection.readyRead.connect(lambda one=connection: self._read(one))
                connection.disconnected.connect(connection.deleteLater)
                self._read(connection)
            else:
                _logger.warning("Another user has connected to the socket of this window")
                connection.abort()

    def _read(self, connection: QLocalSocket) -> None:
        # Not `canReadLine` alone: whoever sends no line end must not fill the memory.
        if connection.bytesAvailable() > _MOST:
            connection.abort()
        elif connection.canReadLine():
            self.asked.emit(_invitation_in(connection.readLine().data()))
            connection.write(_DONE)
            connection.flush()
            connection.disconnectFromServer()


def bring_to_front(place: Path, invitation: str = "") -> bool:
    """Ask the program that has this profile to show its window; False if there is none.

    It gets the invitation link of this start, if there is one.
    """
    connection = QLocalSocket()
    connection.connectToServer(name_of(place))
    if not connection.waitForConnected(_PATIENCE) or not _is_own(connection):
        return False
    connection.write(json.dumps({"invitation": invitation}).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n") and connection.waitForReadyRead(_PATIENCE):
        answer += connection.readAll().data()
    return answer == _DONE


def _invitation_in(line: bytes) -> str:
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(line).get("invitation", ""))
    return ""


def _is_own(connection: QLocalSocket) -> bool:
    """Tell whether the same user is at the other end."""
    if not sys.platform.startswith("linux"):
        return True  # The socket's access rights decide.
    with socket.socket(fileno=os.dup(int(connection.socketDescriptor()))) as peer:
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _process, user, _group = struct.unpack("3i", credentials)
    return bool(user == os.getuid())


def _private_directory() -> Path:
    """Return a directory that only this user can write to, with a short path.

    A socket's path has at most 107 bytes (unix(7)), so the profile's own may be too long.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for directory in (Path(runtime), Path(tempfile.gettempdir()) / f"messenger-{os.getuid()}"):
        with contextlib.suppress(OSError):
            if directory.is_absolute():
                directory.mkdir(mode=0o700, exist_ok=True)
                status = directory.lstat()
                is_private = not stat.S_IMODE(status.st_mode) & 0o022
                if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and is_private:
                    return directory
    # Somebody has taken the name: a directory of this process alone, where nobody finds it.
    return Path(tempfile.mkdtemp(prefix="messenger-"))
