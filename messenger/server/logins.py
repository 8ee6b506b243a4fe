"""Logging an account in, once its password, proof or token has been checked."""

import logging
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.crypto import passwords
from messenger.jim.base import Reply
from messenger.jim.errors import BadRequest, Conflict, Forbidden, LoginTimeout, WrongPassword
from messenger.jim.session import EPHEMERAL, DeviceInfo, Greeting
from messenger.language import N_
from messenger.server.greeting import greet, welcome
from messenger.server.records import Account, Conversation, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import blocks as block_store
from messenger.server.store import contacts as contact_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import keys as key_store
from messenger.server.store.accounts import AccountRow, Proof, ProofOutdated
from messenger.server.store.blocks import BlocksOf
from messenger.server.store.conversations import ConversationRow

_logger = logging.getLogger("messenger.server")

BLOCKED = N_("This account is blocked: ask the operator")
LOGIN_ENDED = N_("This login has ended: log in with your password")
WRONG_PASSWORD = N_("Wrong password, or no such account")


async def finish_login(
    services: Services,
    session: Session,
    request: Greeting,
    row: AccountRow,
    proof: Proof,
    data: str | None = None,
) -> Reply:
    """Log in an account that has been authenticated; `data` is the server's own proof (SCRAM)."""
    # Only here, after the proof: nobody else learns that an account is blocked.
    if row.blocked:
        _logger.info("%r is blocked, and refused from %s", row.name, session.address)
        raise Forbidden(BLOCKED)
    device = _device(request)
    if device is not None and device.id.startswith(EPHEMERAL):
        await _forget_ephemeral(services, row, device.id)
    watchers = await services.read_pool.read(contact_store.watchers, row.id)
    token = passwords.new_token() if device and request.user.token is None else None
    token_hash = passwords.hash_token(token) if token is not None else proof.token_hash
    # Nothing is awaited between this and going online: a change of the password ends this session,
    # too, or its proof is outdated.
    entered = await _enter(services, session, request, row, proof, token_hash)
    account = _account(services, session, row)
    account.roles = frozenset({entered.role})
    # Those of an account that is online are in memory, and newer.
    if not account.sessions:
        rooms = [services.conversations.take(room) for room in entered.rooms]
        account.rooms = {room.name: room for room in rooms}
        account.watchers = set(watchers)
        account.blocked, account.blocked_by = entered.blocks
    session.token_hash = token_hash
    _go_online(services, session, account, request)
    if not session.numbers:
        await _feed(services, session, row.id)
    return welcome(services, session, request, token, data)


def check_not_logged_in(session: Session, *, but: str | None = None) -> None:
    """Raise BadRequest if an account, `but` for this one, is logged in by the connection."""
    if session.account is not None and session.account.name != but:
        raise BadRequest(
            "This connection is already logged in as {name}", name=session.account.name
        )


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
    """Count a failed login; the caller then refuses it."""
    services.login_attempts.failed(session.origin)
    _logger.info("A login as %r is refused from %s", name, session.address)


def _account(services: Services, session: Session, row: AccountRow) -> Account:
    """Return the account to log in, online already or not; raises BadRequest or Conflict."""
    if session.account is not None or session.connection.transport.is_closing():
        raise BadRequest("This connection is already logged in")
    account = services.online.get(row.name)
    if account is None:
        return Account(row.name, row.id, guest=False)
    if account.guest or services.settings.one_session_per_account:
        raise Conflict("{name} is already logged in", name=row.name)
    return account


def _go_online(services: Services, session: Session, account: Account, request: Greeting) -> None:
    greet(session, request)
    if not session.numbers:
        # New messages wait until the answer and the missed messages have been sent.
        session.behind = {}
    services.sessions.log_in(session, account)
    session.program = _program(request)
    _logger.info(
        "%r has logged in from %s (%s)",
        *(account.name, session.address, session.program or "plain JIM"),
    )


class _Entered(NamedTuple):
    """What the memory of an account begins with."""

    role: str
    rooms: list[ConversationRow]
    blocks: BlocksOf


async def _enter(
    services: Services,
    session: Session,
    request: Greeting,
    row: AccountRow,
    proof: Proof,
    token_hash: bytes | None,
) -> _Entered:
    """Store the login, if the proof still holds; return what the account's memory begins with."""
    device = _device(request)

    def enter(connection: Connection) -> _Entered | None:
        account_store.check_proof(connection, row.id, proof)
        # Again, as it may have been blocked, or lost its role, since its row was read.
        role = account_store.role_of(connection, row.id)
        if role is None:
            raise Forbidden(BLOCKED)
        accepted = account_store.log_in(
            connection,
            row.id,
            device_id=device.id[:64] if device else "",
            name=device.name[:100] if device else "",
            program=_program(request),
            address=session.address,
            token_hash=token_hash if proof.token_hash is None else None,
            max_devices=services.limits.devices,
        )
        if not accepted:
            return None
        rooms = conversation_store.load_rooms_of(connection, row.id)
        # Looked at in this thread: a block that was requested before has added its names.
        if not (services.journal.is_shared or row.name in services.block_names):
            return _Entered(role, rooms, BlocksOf(set(), set()))
        return _Entered(role, rooms, block_store.blocks_of(connection, row.id, row.name))

    try:
        entered = await services.journal.write(enter)
    except ProofOutdated as error:
        if proof.token_hash is not None:
            raise WrongPassword(LOGIN_ENDED) from error
        # The password is not wrong: another login may have renewed the verifier.
        raise LoginTimeout("The password was changed meanwhile: log in again") from error
    if entered is None:
        raise Forbidden(
            "An account has at most {most} devices: log out on another first",
            most=services.limits.devices,
        )
    return entered


def _device(request: Greeting) -> DeviceInfo | None:
    """Return the device that logs in; plain clients have none."""
    return request.device if request.jim >= 2 else None


def _program(request: Greeting) -> str:
    device = _device(request)
    return f"{device.program} {device.version}".strip()[:100] if device else ""


async def _forget_ephemeral(services: Services, row: AccountRow, but: str) -> None:
    """Remove ephemeral devices that are offline: their keys were lost when their programs ended."""
    account = services.online.get(row.name)
    online = {session.device for session in account.sessions} if account is not None else set()
    known = await services.read_pool.read(key_store.devices_of, row.id)
    ephemeral = [
        one[0] for one in known if one[0].startswith(EPHEMERAL) and one[0] not in {but, *online}
    ]
    if not ephemeral:
        return
    if account is None:
        account = Account(row.name, row.id, guest=False)
        account.rooms = {room.name: room for room in await _rooms(services, row)}
    for device_id in ephemeral:
        services.device_lists.invalidate_for(account)
        await services.journal.write(account_store.forget_device, row.id, device_id)


async def _rooms(services: Services, row: AccountRow) -> list[Conversation]:
    stored = await services.journal.write(conversation_store.load_rooms_of, row.id)
    return [services.conversations.take(room) for room in stored]


async def _feed(services: Services, session: Session, account_id: int) -> None:
    """Send a plain client the messages that its account has missed."""
    missed = await services.journal.write(conversation_store.missed, account_id)
    positions = {}
    for row, pair, delivered in missed:
        after = max(delivered, row.last - services.limits.backlog)
        positions[services.conversations.take(row, pair)] = after
    services.delivery.feed_from_log(session, positions)
