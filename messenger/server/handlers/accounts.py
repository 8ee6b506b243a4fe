"""Accounts: registration, login, logout, and the list of logins."""

import logging

from messenger.crypto import passwords
from messenger.jim.accounts import ListLogins, LoginRecord, Logins, Logout, Register
from messenger.jim.base import Reply
from messenger.jim.errors import Forbidden, TooMany, Unauthorized, WrongPassword
from messenger.jim.names import check_new_account
from messenger.jim.session import Authenticate
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.devices import end_device, is_part
from messenger.server.logins import (
    LOGIN_ENDED,
    WRONG_PASSWORD,
    check_new,
    check_not_logged_in,
    count_wrong,
    finish_login,
)
from messenger.server.people import taken
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store.accounts import AccountRow, Proof
from messenger.server.store.looks import LooksTaken

_logger = logging.getLogger("messenger.server")

_MAX_LOGINS = 50  # two screens full


@action(Register, login=False, rate=None)
@log
async def register(services: Services, session: Session, request: Register) -> Reply:
    """Create an account, if registration is open; an invitation, if sent, must be valid."""
    session.language = request.lang
    name, password = request.user.name, request.user.password or ""
    check_new_account(name)
    check_new(name, password, request.verifier)
    if services.settings.registration == "closed":
        raise Forbidden("Registration is closed: ask the operator for an account")
    if services.settings.registration == "invitation" and not request.invite:
        raise Forbidden("Registration needs an invitation: ask the operator for a link")
    # Before the password is hashed, which costs 20 ms of a core.
    wait = services.rates.registrations.take(session.origin)
    if wait:
        raise TooMany("Too many registrations: try again later", retry_after=round(wait, 1))
    verifier = request.verifier or await services.passwords.make(password)
    # How guests' names look is known in memory only, so the database cannot refuse them.
    if (guest := services.online.guest_like(name, but=session.account)) is not None:
        raise taken(name, guest.name)
    await _create(services, name, verifier, request.invite)
    _logger.info("%r is registered from %s", name, session.address)
    if session.account is not None and session.account.name == name:  # until now as a guest
        services.sessions.log_out(session)
    services.online.forget_route(name)
    return Reply(201, alert=localized(session, "Account {name} created: now log in", name=name))


async def _create(services: Services, name: str, verifier: str, invite: str | None) -> None:
    token = passwords.hash_token(invite) if invite else None
    try:
        await services.journal.write(account_store.register, name, verifier, token)
    except LooksTaken as error:
        raise taken(name, error.name) from error
    except account_store.InvitationUnusable as error:
        raise Forbidden(
            "This invitation is unknown, used up or expired: check that the link is complete, or "
            "ask for another"
        ) from error


@action(Authenticate, login=False, rate=None)
@log
async def authenticate(services: Services, session: Session, request: Authenticate) -> Reply:
    """Log in with a password or with the token of an earlier login."""
    session.language = request.lang
    check_not_logged_in(session)
    if request.user.token is not None:
        row, proof = await _by_token(services, session, request)
    else:
        row, proof = await _by_password(services, session, request)
    return await finish_login(services, session, request, row, proof)


async def _by_token(
    services: Services, session: Session, request: Authenticate
) -> tuple[AccountRow, Proof]:
    token_hash = passwords.hash_token(request.user.token or "")
    found = await services.read_pool.read(account_store.find_by_token, token_hash)
    device = request.device.id if request.device else ""
    # A token is that of one device, and of the programs beside it.
    if found is None or found[0].name != request.user.name or not is_part(device, found[1]):
        # A token cannot be guessed: a valid one is accepted, however many attempts others make.
        services.login_attempts.check(session.origin)
        count_wrong(services, session, request.user.name)
        raise WrongPassword(LOGIN_ENDED)
    return found[0], Proof(token_hash=token_hash)


async def _by_password(
    services: Services, session: Session, request: Authenticate
) -> tuple[AccountRow, Proof]:
    name, password = request.user.name, request.user.password or ""
    await services.login_attempts.take(session.origin, name)
    row = await services.read_pool.read(account_store.find, name, guest=False)
    if row is None or row.verifier is None:
        # The time of the answer must not tell which names exist.
        await services.passwords.check_unknown(services.secret, name, password)
        right, renewed = False, None
    else:
        right, renewed = await services.passwords.check(row.verifier, password)
    if row is None or not right:
        count_wrong(services, session, name)
        raise WrongPassword(WRONG_PASSWORD)
    return row, Proof(row.verifier, renewed=renewed)


@action(Logout, rate=None)
@log
@login_required
async def logout(services: Services, session: Session, account: Account, request: Logout) -> Reply:
    """Forget the device and its token; the connection may log in again."""
    if account.id is not None and session.device:
        services.device_lists.invalidate_for(account)
        await services.journal.write(account_store.forget_device, account.id, session.device)
        ended = Unauthorized("This device has logged out: log in again")
        end_device(services, account, session.device, ended, but=session)
    services.sessions.log_out(session)
    session.token_hash = None
    _logger.info("%r has logged out", account.name)
    return Reply(200, alert=localized(session, "Logged out"))


@action(ListLogins)
@log
@login_required
async def logins(
    services: Services, session: Session, account: Account, request: ListLogins
) -> Logins:
    """List the account's latest logins."""
    if account.guest or account.id is None:
        return Logins(200)
    rows = await services.read_pool.read(account_store.login_history, account.id, _MAX_LOGINS)
    return Logins(200, logins=[LoginRecord(*row) for row in rows])
