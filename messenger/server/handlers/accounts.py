"""Accounts: registration, login, passwords, one's own logins."""

import logging

from sqlalchemy import Connection

from messenger.crypto import passwords
from messenger.jim.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    LoginTimeout,
    TooMany,
    Unauthorized,
    WrongPassword,
)
from messenger.jim.names import check_new_account
from messenger.jim.replies import Login, Logins, Reply, Welcome
from messenger.jim.requests import PASSING, Authenticate, Greeting, ListLogins, Logout, Register
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.devices import end_device, is_part
from messenger.server.handlers.presence import greet, welcome
from messenger.server.records import Account, Conversation, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import keys as key_store
from messenger.server.store.accounts import AccountRow, Proof, ProofOutdated
from messenger.server.store.conversations import ConversationRow
from messenger.server.store.looks import LooksTaken
from messenger.server.users import taken

_logger = logging.getLogger("messenger.server")

_MAX_LOGINS = 50
_WRONG = N_("Wrong password, or no such account")
_ENDED = N_("This login has ended: log in with your password")


@action(Register, login=False, rate=None)
@log
async def register(services: Services, session: Session, request: Register) -> Reply:
    """Make an account, if registration is open; an invitation that is given has to be good."""
    session.language = request.lang
    name, password = request.user.name, request.user.password or ""
    check_new_account(name)
    check_new(name, password, request.verifier)
    if services.settings.registration == "closed":
        raise Forbidden("Registration is closed: ask the operator for an account")
    if services.settings.registration == "invitation" and not request.invite:
        raise Forbidden("Registration needs an invitation: ask the operator for a link")
    wait = services.rates.registrations.take(session.origin)
    if wait:
        raise TooMany("Too many registrations: try again later", retry_after=round(wait, 1))
    verifier = request.verifier or await services.passwords.make(password)
    if (guest := services.online.guest_like(name, but=session.account)) is not None:
        raise taken(name, guest.name)
    await _create(services, name, verifier, request.invite)
    _logger.info("%r is registered from %s", name, session.address)
    if session.account is not None and session.account.name == name:
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
            "This invitation is unknown, used up or too old: check that the link is whole, or ask "
            "for another"
        ) from error


@action(Authenticate, login=False, rate=None)
@log
async def authenticate(services: Services, session: Session, request: Authenticate) -> Reply:
    """Log in with a password or with the token of an earlier login."""
    session.language = request.lang
    if session.account is not None:
        raise BadRequest(
            "This connection is logged in already, as {name}", name=session.account.name
        )
    if request.user.token is not None:
        row, proof = await _by_token(services, session, request)
    else:
        row, proof = await _by_password(services, session, request)
    return await finish_login(services, session, request, row, proof)


async def finish_login(
    services: Services,
    session: Session,
    request: Greeting,
    row: AccountRow,
    proof: Proof,
    data: str | None = None,
) -> Reply:
    """Let somebody in who has shown who they are; `data` is what the server shows in return."""
    if row.blocked:
        _logger.info("%r, who is blocked, is refused from %s", row.name, session.address)
        raise Forbidden("This account is blocked: ask the operator")
    return await _log_in(services, session, request, row, proof, data)


def check_new(name: str, password: str, verifier: str | None) -> None:
    """Raise BadRequest unless the password is acceptable, or the verifier that stands for it."""
    try:
        if verifier is not None:
            passwords.parse_verifier(verifier)
        else:
            passwords.check_policy(password, name)
    except ValueError as error:
        raise BadRequest(str(error)) from error


def count_wrong(services: Services, session: Session, name: str) -> None:
    """Count a login that proves nothing: refuse it then."""
    services.login_attempts.failed(session.origin)
    _logger.info("A login as %r is refused from %s", name, session.address)


async def _by_token(
    services: Services, session: Session, request: Authenticate
) -> tuple[AccountRow, Proof]:
    token_hash = passwords.hash_token(request.user.token or "")
    found = await services.read_pool.read(account_store.find_by_token, token_hash)
    device = request.device.id if request.device else ""
    if found is None or found[0].name != request.user.name or not is_part(device, found[1]):
        # A token cannot be guessed: whoever has a right one comes in whatever others try.
        services.login_attempts.check(session.origin)
        count_wrong(services, session, request.user.name)
        raise WrongPassword(_ENDED)
    return found[0], Proof(token_hash=token_hash)


async def _by_password(
    services: Services, session: Session, request: Authenticate
) -> tuple[AccountRow, Proof]:
    name, password = request.user.name, request.user.password or ""
    await services.login_attempts.take(session.origin, name)
    row = await services.read_pool.read(account_store.find, name, guest=False)
    if row is None or row.verifier is None:
        await services.passwords.check_unknown(services.secret, name, password)
        right, renewed = False, None
    else:
        right, renewed = await services.passwords.check(row.verifier, password)
    if row is None or not right:
        count_wrong(services, session, name)
        raise WrongPassword(_WRONG)
    return row, Proof(row.verifier, renewed=renewed)


async def _log_in(
    services: Services,
    session: Session,
    request: Greeting,
    row: AccountRow,
    proof: Proof,
    data: str | None,
) -> Reply:
    device = request.device if request.jim >= 2 else None
    if device is not None and device.id.startswith(PASSING):
        await _forget_passed(services, row, device.id)
    watchers = await services.read_pool.read(account_store.watchers, row.id)
    token = passwords.new_token() if device and request.user.token is None else None
    token_hash = passwords.hash_token(token) if token is not None else proof.token_hash
    # Between this and going online nothing is awaited: whoever changes the password ends this
    # session, too, or its proof is out of date.
    rooms = await _enter(services, session, request, row, proof, token_hash)
    if session.account is not None or session.connection.transport.is_closing():
        raise BadRequest("This connection is logged in already")
    account = services.online.get(row.name)
    if account is not None and (account.guest or services.settings.one_session_per_account):
        raise Conflict("{name} is logged in already", name=row.name)
    if account is None:
        account = Account(row.name, row.id, guest=False)
        account.rooms = {room.name: room for room in rooms}
        account.watchers = set(watchers)
    session.token_hash = token_hash
    greet(session, request)
    if not session.numbers:
        # What comes from now on comes after the answer, and after what was missed.
        session.behind = {}
    services.sessions.log_in(session, account)
    program = _program(request)
    _logger.info("%r has logged in from %s (%s)", row.name, session.address, program or "plain JIM")
    if not session.numbers:
        await _feed(services, session, account)
    reply = welcome(services, session, request, token)
    if isinstance(reply, Welcome):
        reply.data = data
    return reply


async def _enter(
    services: Services,
    session: Session,
    request: Greeting,
    row: AccountRow,
    proof: Proof,
    token_hash: bytes | None,
) -> list[Conversation]:
    """Note the login, if what was proved still holds; return the rooms of the account."""
    device = request.device if request.jim >= 2 else None

    def enter(connection: Connection) -> list[ConversationRow] | None:
        account_store.check_proof(connection, row.id, proof)
        accepted = account_store.log_in(
            connection,
            row.id,
            ident=device.id[:64] if device else "",
            name=device.name[:100] if device else "",
            program=_program(request),
            address=session.address,
            token_hash=token_hash if proof.token_hash is None else None,
            max_devices=services.limits.devices,
        )
        return conversation_store.load_rooms_of(connection, row.id) if accepted else None

    try:
        rooms = await services.journal.write(enter)
    except ProofOutdated as error:
        if proof.token_hash is not None:
            raise WrongPassword(_ENDED) from error
        # Not that it is wrong: another login may have renewed what it is checked against.
        raise LoginTimeout("The password was changed meanwhile: log in again") from error
    if rooms is None:
        raise Forbidden(
            "An account has at most {most} devices: log out on another first",
            most=services.limits.devices,
        )
    return [services.conversations.take(room) for room in rooms]


def _program(request: Greeting) -> str:
    device = request.device if request.jim >= 2 else None
    return f"{device.program} {device.version}".strip()[:100] if device else ""


async def _forget_passed(services: Services, row: AccountRow, but: str) -> None:
    """Remove devices whose keys have ended with their programs; nobody can open with them."""
    account = services.online.get(row.name)
    here = {session.device for session in account.sessions} if account is not None else set()
    known = await services.read_pool.read(key_store.devices_of, row.id)
    passed = [one[0] for one in known if one[0].startswith(PASSING) and one[0] not in {but, *here}]
    if not passed:
        return
    if account is None:
        account = Account(row.name, row.id, guest=False)
        account.rooms = {room.name: room for room in await _rooms(services, row)}
    for ident in passed:
        services.device_lists.invalidate_for(account)
        await services.journal.write(account_store.forget_device, row.id, ident)


async def _rooms(services: Services, row: AccountRow) -> list[Conversation]:
    stored = await services.journal.write(conversation_store.load_rooms_of, row.id)
    return [services.conversations.take(room) for room in stored]


async def _feed(services: Services, session: Session, account: Account) -> None:
    """Hand a plain client what its account has missed."""
    assert account.id is not None
    missed = await services.journal.write(conversation_store.missed, account.id)
    positions = {}
    for row, pair, delivered in missed:
        after = max(delivered, row.last - services.limits.backlog)
        positions[services.conversations.take(row, pair)] = after
    services.delivery.feed_from_log(session, positions)


@action(Logout, rate=None)
@log
@login_required
async def logout(services: Services, session: Session, account: Account, request: Logout) -> Reply:
    """Forget the device and its token; the connection may log in anew."""
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
    """List one's own logins."""
    if account.guest or account.id is None:
        return Logins(200)
    rows = await services.read_pool.read(account_store.login_history, account.id, _MAX_LOGINS)
    return Logins(200, logins=[Login(*row) for row in rows])
