"""Administrators at a real server: an account over TLS, and the operator at the server's socket."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from messenger import unix_sockets
from messenger.server.store.schema import audit
from tests.running import RunningServer, SecureTalker, Talker

Names = Callable[[str], str]
Row = dict[str, Any]


class OperatorTalker(Talker):
    """A client at the Unix socket in the server's directory."""

    # Not `super().__init__`, which connects by TCP.
    def __init__(self, data: Path) -> None:
        self.socket = unix_sockets.connect(data / unix_sockets.OPERATOR_SOCKET, 60)
        self.newline = True
        self.name = ""
        self._read = b""


def registered(server: RunningServer, name: str) -> str:
    """Register an account with the usual password; return its name."""
    with Talker(server.port) as client:
        assert client.register_quickly(name)["response"] == 201
    return name


def operator(server: RunningServer, action: str, **keys: Any) -> Row:
    """Return the answer to a request at the server's socket."""
    with OperatorTalker(server.data) as client:
        return client.ask(action, **keys)


def administrator(server: RunningServer, name: str) -> SecureTalker:
    """Register an account, make it an administrator, and log it in over TLS."""
    registered(server, name)
    assert operator(server, "admin_promote", account_name=name)["response"] == 200
    client = SecureTalker(server.port)
    assert client.log_in_fully(name)["response"] == 200
    return client


def audit_rows(server: RunningServer) -> list[Row]:
    """Return the rows of the audit log, the oldest first."""
    engine = server.open_database()
    try:
        with engine.connect() as connection:
            found = connection.execute(select(audit).order_by(audit.c.id)).mappings()
            return [dict(row) for row in found]
    finally:
        engine.dispose()
