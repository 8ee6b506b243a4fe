"""What somebody on another machine may not change or try: nothing that names files here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from messenger.jim.errors import Forbidden
from messenger.language import N_
from messenger.server.config import KINDS
from messenger.server.settings.secrets import HIDDEN, hide

# Those of libpq that name no file and no service of this machine.
_OPTIONS = frozenset(
    {"application_name", "channel_binding", "connect_timeout", "gssencmode", "host", "keepalives"}
    | {"keepalives_count", "keepalives_idle", "keepalives_interval", "password", "port", "sslmode"}
    | {"target_session_attrs", "tcp_user_timeout", "user"}
)

_REFUSED = N_("Far from the server only a URL such as postgresql://user@host/name is accepted")

LOCAL_ONLY = frozenset(
    name for name, kind in KINDS.items() if kind is Path or Path in get_args(kind)
)
"""The settings that name files: only the operator on the server's machine may change them.

Who could choose the certificate's file would have the server read any file, and who could choose
the directory would have it write one.
"""


def check_changes(changes: Mapping[str, Any], database: str) -> None:
    """Raise Forbidden for a change that only the operator may make.

    `database` is the URL in use: its password stays with its host.
    """
    for name in changes:
        if name in LOCAL_ONLY:
            raise Forbidden(
                "{name} names files of the server: only its operator may change it, there",
                name=name,
            )
    if isinstance(url := changes.get("database"), str) and url:
        check_url(url, database)


def check_url(url: str, known: str) -> None:
    """Raise Forbidden unless a URL is that of a PostgreSQL server, and names no file.

    With `***` for its password, or without one, only the name of the database may differ from the
    `known` URL: no other host may get to know its password, or the one that libpq takes from the
    environment (PGPASSWORD) or a file (~/.pgpass).
    """
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        raise Forbidden(_REFUSED) from None
    hosts = [host for part in _hosts(parsed) for host in part.split(",")]
    is_far = parsed.get_backend_name() == "postgresql" and hosts
    # A host that begins so is the directory of a Unix socket.
    if not is_far or any(not host or host[0] in "/@\\." for host in hosts):
        raise Forbidden(_REFUSED)
    if set(parsed.query) - _OPTIONS:
        raise Forbidden(_REFUSED)
    has_own = bool(parsed.password or parsed.query.get("password")) and HIDDEN not in url
    if not has_own and not _is_same_server(parsed, hide(known)):
        raise Forbidden("The password is sent to the known database only: write it out")


def place_of(url: str) -> str:
    """Return what an accepted URL leads to: no user, no password."""
    parsed = make_url(url)
    query = {name: value for name, value in parsed.query.items() if name in ("host", "port")}
    place = URL.create(
        parsed.drivername, host=parsed.host, port=parsed.port, database=parsed.database, query=query
    )
    return place.render_as_string()


def _hosts(url: URL) -> Sequence[str]:
    further = url.query.get("host", ())
    return [
        *([url.host] if url.host else []),
        *([further] if isinstance(further, str) else further),
    ]


def _is_same_server(url: URL, known: str) -> bool:
    try:
        return url.set(database="-") == make_url(known).set(database="-")
    except (SQLAlchemyError, ValueError):
        return False
