"""The audit log: who has changed what, when, from where, and how it was before."""

import time
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, insert, select

from messenger.server.store.schema import MAX_ID, audit

_Result = TypeVar("_Result")

State = Mapping[str, object]
"""What a change is about, before or after it: no text of a message, and no secret."""


class Change(NamedTuple, Generic[_Result]):
    """A change that was made: the state before and after it, and what it has yielded."""

    before: State | None
    after: State | None
    result: _Result


def append(
    connection: Connection,
    *,
    actor: str,
    origin: str,
    action: str,
    target: str,
    before: State | None,
    after: State | None,
    at: float | None = None,
) -> None:
    """Append a row; call it in the transaction of the change, which was made now, or `at` a time.

    Times are unix times.
    """
    connection.execute(
        insert(audit).values(
            time=time.time() if at is None else at,
            actor=actor,
            origin=origin,
            action=action,
            target=target,
            before=_as_json(before),
            after=_as_json(after),
        )
    )


def _as_json(state: State | None) -> str | None:
    return None if state is None else msgspec.json.encode(state).decode()


class AuditRow(NamedTuple):
    """A row of the audit log; `before` and `after` are JSON, if there is any."""

    id: int
    time: float
    actor: str
    origin: str
    action: str
    target: str
    before: str | None
    after: str | None


def page(
    connection: Connection, *, actor: str, target: str, action: str, before: int | None, limit: int
) -> list[AuditRow]:
    """Return rows, the latest first: all, or those of an actor, a target or an action.

    Only those before the id `before`, if it is given.
    """
    query = select(*audit.columns).order_by(audit.c.id.desc()).limit(limit)
    for column, wanted in ((audit.c.actor, actor), (audit.c.target, target)):
        if wanted:
            query = query.where(column == wanted)
    if action:
        query = query.where(audit.c.action == action)
    if before is not None:
        query = query.where(audit.c.id < min(before, MAX_ID))
    return [AuditRow._make(row) for row in connection.execute(query)]
