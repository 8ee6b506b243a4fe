"""Invitation links: where the server is, its key, and a token that lets somebody register."""

import socket
import time
from urllib.parse import quote

from sqlalchemy import Engine

from messenger.crypto import passwords
from messenger.server import tls
from messenger.server.config import Settings
from messenger.server.store import accounts, database

_DAY = 24 * 60 * 60


def make_link(settings: Settings, engine: Engine, uses: int, days: float) -> str:
    """Return a link that lets `uses` people register within `days` days.

    Raises CertificateUnusable.
    """
    token = passwords.new_token()
    with database.writer(engine) as connection, connection.begin():
        accounts.invite(
            connection, passwords.hash_token(token), uses=uses, expires_at=time.time() + days * _DAY
        )
    host = settings.public_address or settings.address or socket.getfqdn()
    host = f"[{host}]" if ":" in host else host
    key = tls.read_fingerprint(settings)
    return f"jim://{host}:{settings.port}?invite={quote(token)}&key={key}"
