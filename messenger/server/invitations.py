"""Invitation links: the server's address, its key, and a token to register with."""

import time
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from messenger.crypto import passwords
from messenger.crypto.certificates import short
from messenger.language import _
from messenger.server import tls
from messenger.server.actors import LOCAL, OPERATOR
from messenger.server.config import Settings
from messenger.server.errors import CannotStart
from messenger.server.public_address import (
    PublicAddress,
    is_local,
    is_unreachable,
    own_host,
    parse_address,
)
from messenger.server.store import audit as audit_store
from messenger.server.store import database
from messenger.server.store import invitations as invitation_store
from messenger.server.used_directory import check_directory

_DAY = 24 * 60 * 60  # seconds
_MAX_USES = 1_000_000  # as good as no limit
_MAX_DAYS = 36_500  # a century


class CannotInvite(CannotStart):
    """A link would not work; the text says which option or setting to change."""


class NewLink(NamedTuple):
    """A link, the hash of its token, and when it expires (unix time)."""

    link: str
    token_hash: bytes
    expires_at: float


def check_order(settings: Settings, uses: int, days: float) -> None:
    """Raise CannotInvite if a link for so many people and days could not work."""
    if not 1 <= uses <= _MAX_USES:
        said = _("The number of uses must be from 1 to {most}", most=_MAX_USES)
        raise CannotInvite(said, setting="uses")
    if not 0 < days <= _MAX_DAYS:  # true for NaN, too
        said = _("The number of days must be greater than 0 and at most {most}", most=_MAX_DAYS)
        raise CannotInvite(said, setting="days")
    if settings.registration == "closed":
        raise CannotInvite(
            _(
                "Registration is closed, even with an invitation: "
                "messenger config set registration invitation"
            )
        )
    # Otherwise the link would name another server's key, or a token that the server does not know.
    check_directory(settings)
    link_address(settings)


def make_link(settings: Settings, engine: Engine, uses: int, days: float) -> str:
    """Return a link that lets `uses` people register within `days` days.

    It is the operator's, also in the audit log. Raises CannotStart if that is not possible.
    """
    made = new_link(settings, uses, days)
    try:
        with database.writer(engine) as connection, connection.begin():
            before, after, _result = invitation_store.make(
                connection, made.token_hash, uses=uses, expires_at=made.expires_at
            )
            audit_store.append(
                connection,
                actor=OPERATOR,
                origin=LOCAL,
                action=invitation_store.MADE,
                target=invitation_store.id_of(made.token_hash),
                before=before,
                after=after,
            )
    except SQLAlchemyError as error:
        raise database.unusable(engine, error) from error
    return made.link


def new_link(settings: Settings, uses: int, days: float) -> NewLink:
    """Return a link, and what is to be stored for it; this may wait for the name service.

    Raises CannotInvite.
    """
    check_order(settings, uses, days)
    address, key = link_address(settings), tls.read_fingerprint(settings)
    token = passwords.new_invitation()
    where = address.in_link(settings.port)
    return NewLink(
        f"jim://{where}?invite={quote(token)}&key={short(key)}",
        passwords.hash_token(token),
        time.time() + days * _DAY,
    )


def doubt(settings: Settings) -> str | None:
    """Return a warning for the operator if the link works on this machine at most."""
    host = link_address(settings).host
    if is_local(host) or (not settings.public_address and is_unreachable(host)):
        return _(
            "Other computers cannot reach {host}: set public_address in messenger.toml to the name "
            "or IP address at which they reach this server",
            host=host,
        )
    return None


def link_address(settings: Settings) -> PublicAddress:
    """Return the server's address for people who get a link; raises CannotInvite."""
    listens_on = settings.address.removeprefix("[").removesuffix("]")
    everywhere = listens_on in ("", "0.0.0.0", "::")  # noqa: S104  nobody listens here
    named = settings.public_address or (own_host() if everywhere else listens_on)
    try:
        found = parse_address(named)
    except ValueError as error:
        raise CannotInvite(
            _("A link cannot lead to {name}: set public_address in messenger.toml", name=named)
        ) from error
    if not (found.port or settings.port):
        said = _("Port 0 means any free port: specify the server's port, or set public_address")
        raise CannotInvite(said, setting="port")
    return found
