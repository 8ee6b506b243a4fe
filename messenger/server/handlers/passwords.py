"""SCRAM, which proves a password without sending it, and changing the password."""

import logging

from messenger.crypto import passwords
from messenger.crypto.passwords import Verifier
from messenger.crypto.scram import NotProved, ServerExchange
from messenger.jim.accounts import Password
from messenger.jim.base import Reply
from messenger.jim.errors import BadRequest, Conflict, Forbidden, Unauthorized, WrongPassword
from messenger.jim.session import Scram, ScramReply
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.devices import end_others
from messenger.server.logins import (
    WRONG_PASSWORD,
    check_new,
    check_not_logged_in,
    count_wrong,
    finish_login,
)
from messenger.server.records import Account, Proving, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store.accounts import AccountRow, Proof, ProofOutdated

_logger = logging.getLogger("messenger.server")


@action(Scram, login=False, rate=None)
@log
async def scram(services: Services, session: Session, request: Scram) -> Reply:
    """Handle a step of a login: the first is answered with a challenge, the second with a welcome.

    On a logged-in connection there is only the first: the request that needs the proof carries it.
    """
    session.language = request.lang
    check_not_logged_in(session, but=request.user.name)
    if not session.connection.certificate:
        raise Forbidden("SCRAM-SHA-256-PLUS requires TLS, and this connection has none")
    if session.account is not None or session.proving is None:
        return await _challenge(services, session, request)
    row, data = _prove(services, session, request.user.name, request.data)
    proof = Proof(row.verifier)
    if request.verifier is not None and passwords.is_outdated(Verifier.decode(row.verifier or "")):
        check_new(row.name, "", request.verifier)
        proof = Proof(row.verifier, renewed=request.verifier)
    return await finish_login(services, session, request, row, proof, data)


@action(Password, rate=None)
@log
@login_required
async def change_password(
    services: Services, session: Session, account: Account, request: Password
) -> Reply:
    """Change the account's password; the sessions of other devices end."""
    if account.guest or account.id is None:
        raise BadRequest("A guest has no password: register first")
    check_new(account.name, request.new, request.verifier)
    data = None
    if request.data is not None:
        row, data = _prove(services, session, account.name, request.data)
    else:
        row = await _check_old(services, session, account, request.old)
    verifier = request.verifier or await services.passwords.make(request.new)
    proof, keep = Proof(row.verifier), session.token_hash
    try:
        await services.journal.write(
            account_store.change_password, account.id, verifier, keep=keep, proof=proof
        )
    except ProofOutdated as error:
        raise Conflict("The password was changed meanwhile: try again") from error
    changed = Unauthorized("Your password was changed: log in again")
    end_others(services, session, account, changed)
    _logger.info("%r has changed the password from %s", account.name, session.address)
    return ScramReply(200, alert=localized(session, "The password is changed"), data=data)


async def _challenge(services: Services, session: Session, request: Scram) -> Reply:
    name = request.user.name
    # Here, not at the proof, so that an exchange that is never finished counts, too.
    await services.login_attempts.take(session.origin, name)
    row = await services.read_pool.read(account_store.find, name, guest=False)
    if row is None or row.verifier is None:  # a challenge must not reveal that
        row, verifier = None, passwords.fake_verifier(services.secret, name)
    else:
        verifier = Verifier.decode(row.verifier)
    exchange = ServerExchange(name, verifier, session.connection.certificate)
    try:
        challenge = exchange.first(request.data)
    except NotProved as error:
        raise BadRequest("Not a SCRAM-SHA-256-PLUS message: {error}", error=error) from error
    session.proving = Proving(exchange, row)
    return ScramReply(
        200,
        data=challenge.data,
        time_cost=challenge.time,
        memory=challenge.memory,
        parallelism=challenge.parallelism,
    )


def _prove(services: Services, session: Session, name: str, data: str) -> tuple[AccountRow, str]:
    """Finish the SCRAM exchange; return the account, and the server's own proof."""
    # One proof for each challenge: it is the challenge that counts as an attempt.
    proving, session.proving = session.proving, None
    if proving is None:
        raise BadRequest("No SCRAM exchange has begun: send a scram request first")
    try:
        proof = proving.exchange.final(data)
    except NotProved as error:
        count_wrong(services, session, name)
        raise WrongPassword(WRONG_PASSWORD) from error
    if proving.row is None or proving.row.name != name:
        raise WrongPassword(WRONG_PASSWORD)
    return proving.row, proof


async def _check_old(
    services: Services, session: Session, account: Account, old: str
) -> AccountRow:
    await services.login_attempts.take(session.origin, account.name)
    row = await services.read_pool.read(account_store.find, account.name, guest=False)
    if row is None or row.verifier is None:
        raise BadRequest("This account has no password")
    right, _ = await services.passwords.check(row.verifier, old)
    if not right:
        count_wrong(services, session, account.name)
        raise WrongPassword("The old password is wrong")
    return row
