"""Becoming the first administrator, with the code that the server has printed."""

import logging

from messenger.jim.admin.claim import Claim
from messenger.jim.base import Reply
from messenger.jim.errors import Forbidden
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import account_changes

_logger = logging.getLogger("messenger.server")


@action(Claim)
@log
@actor_required
async def claim(services: Services, session: Session, actor: Actor, request: Claim) -> Reply:
    """Make the account the first administrator."""
    if not session.connection.certificate:
        raise Forbidden("Administration requires TLS: connect with it")
    if not services.claim_code.matches(request.code):
        _logger.warning("%r from %s has a wrong code", actor.name, actor.origin)
        raise Forbidden("This code is wrong, used or expired: a start of the server prints another")
    await services.audit.act_as(
        actor, None, "admin_claim", actor.name, account_changes.claim, actor.name
    )
    services.claim_code.use_up()
    if session.account is not None:
        session.account.roles = frozenset({ADMINISTRATOR})
    alert = localized(session, "{name} is an administrator now", name=actor.name)
    return Reply(200, alert=alert)
