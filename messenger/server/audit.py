"""Changes by administrators: each is written with its row of the audit log, in one transaction."""

import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from messenger.jim.errors import Forbidden
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.journal import Journal
from messenger.server.store import accounts as account_store
from messenger.server.store import audit as audit_store
from messenger.server.store.audit import Change

_logger = logging.getLogger("messenger.server")

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Audit:
    """Makes changes, and writes who has made them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def act(
        self,
        actor: Actor,
        action: str,
        target: str,
        change: Callable[Concatenate[Connection, _Arguments], Change[_Result]],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Make the change, and append its row to the audit log; return the change's result.

        Both are in one transaction: a change that raises has neither an effect nor a row. `action`
        is the tag of the request. Raises Forbidden if the actor has lost its role meanwhile.
        """
        return await self.act_as(actor, ADMINISTRATOR, action, target, change, *args, **kwargs)

    async def act_as(
        self,
        actor: Actor,
        role: str | None,
        action: str,
        target: str,
        change: Callable[Concatenate[Connection, _Arguments], Change[_Result]],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Do as `act` does for what another `role` may do, or any account (None)."""

        def write(connection: Connection) -> _Result:
            _check_may_act(connection, actor, role)
            before, after, result = change(connection, *args, **kwargs)
            audit_store.append(
                connection,
                actor=actor.name,
                origin=actor.origin,
                action=action,
                target=target,
                before=before,
                after=after,
            )
            return result

        result = await self._journal.write(write)
        _logger.info("%s by %r from %s: %r", action, actor.name, actor.origin, target)
        return result


def _check_may_act(connection: Connection, actor: Actor, role: str | None) -> None:
    """Raise Forbidden if the account has lost its role, or was blocked, since it was asked."""
    if actor.account_id is None:
        return
    found = account_store.role_of(connection, actor.account_id)
    if found is None or role not in (None, found):
        raise Forbidden("Your account may not do this")
