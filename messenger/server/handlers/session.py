"""Presence: guest logins, statuses, confirmations that need no answer, and quitting."""

import logging
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import Connection

from messenger.jim.base import Reply
from messenger.jim.codec import Confirmation
from messenger.jim.errors import BadRequest, Conflict, TooMany, Unauthorized
from messenger.jim.names import check_account, check_line, check_new_account
from messenger.jim.session import Presence, Quit
from messenger.language import Phrase
from messenger.log import log
from messenger.server.actions import action
from messenger.server.connection_limits import is_loopback
from messenger.server.greeting import greet, welcome
from messenger.server.people import taken
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import blocks as block_store
from messenger.server.store.looks import find_alike

_logger = logging.getLogger("messenger.server")


@action(Presence, login=False, rate=None)
@log
def presence(
    services: Services, session: Session, request: Presence
) -> Reply | Coroutine[Any, Any, Reply] | None:
    """Set the status of an account, or log a guest in."""
    account = session.account
    if account is None:
        return _log_in_guest(services, session, request)
    name = request.user.name
    if name and name != account.name:
        raise Conflict("This connection is logged in as {name}", name=account.name)
    check_line(Phrase("A status"), request.user.status)
    state: str = "away" if request.type == "away" else "online"
    if (state, request.user.status) != (account.state, account.status):
        account.state = "away" if state == "away" else "online"
        account.status = request.user.status
        services.events.send_to_watchers(account)
    return welcome(services, session, request, is_login=False)


@action(Quit, login=False, rate=None)
@log
def quit_(services: Services, session: Session, request: Quit) -> None:
    """Close the connection; what follows in the same bytes is not handled."""
    session.connection.close()
    session.busy = True


@action(Confirmation, login=False, pipelined=True, rate=None)
def confirmed(services: Services, session: Session, request: Confirmation) -> None:
    """Ignore a client's confirmation of a message: the server knows that it was sent."""


async def _log_in_guest(services: Services, session: Session, request: Presence) -> Reply:
    session.language = request.lang
    name = request.user.name
    check_account(name)
    check_line(Phrase("A status"), request.user.status)
    _check_guests_may(services, session)
    other, is_known_guest = await services.read_pool.read(_known_names, name)
    blocked_by = set()
    if services.journal.is_shared or name in services.block_names:
        # By the journal, which has stored every block that was requested before.
        blocked_by = await services.journal.write(block_store.blockers, name)
    if other == name:
        raise Unauthorized(
            "{name} is a registered account: send authenticate with its password", name=name
        )
    # A guest may return under a name from before the rules for new names.
    if not is_known_guest:
        check_new_account(name)
    if other is not None:
        raise taken(name, other)
    if (guest := services.online.guest_like(name, but=None)) is not None:
        raise TakenName(
            "A guest named {name} is already online: choose another name", name=guest.name
        )
    # Tested again: time has passed since the request was taken.
    if session.account is not None or session.connection.transport.is_closing():
        raise BadRequest("This connection is already logged in")
    account = Account(name, None, guest=True)
    account.status = request.user.status
    account.blocked_by = blocked_by
    greet(session, request)
    services.sessions.log_in(session, account)
    _logger.info("%r has logged in as a guest from %s", name, session.address)
    return welcome(services, session, request)


def _check_guests_may(services: Services, session: Session) -> None:
    """Raise Unauthorized or TooMany if a guest may not log in.

    Call it before the name is looked up: such a refusal must reveal nothing about it.
    """
    allowed = services.settings.guests
    if allowed == "off" or (allowed == "loopback" and not is_loopback(session.address)):
        raise Unauthorized("Guests are not allowed from your address: register, then authenticate")
    if wait := services.rates.guests.take(session.origin):
        raise TooMany("Too many guests from your address: try again later", retry_after=wait)


def _known_names(connection: Connection, name: str) -> tuple[str | None, bool]:
    """Return the account whose name looks like this one, and whether guests had this name."""
    guest = account_store.find(connection, name, guest=True)
    return find_alike(connection, name), guest is not None


class TakenName(Conflict):
    """A guest's name is in use: the connection is closed, as JIM demands."""

    fatal = True
