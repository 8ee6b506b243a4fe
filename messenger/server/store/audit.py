"""The audit log: who has changed what, when, from where, and how it was before."""

import time
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, insert, select

from messenger.jim.admin.audit import ReadAudit
from messenger.server.store.backward import latest
from messenger.server.store.schema import audit

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


def page(connection: Connection, asked: ReadAudit) -> list[AuditRow]:
    """Return rows, the latest first: all, or those of an actor, a target or an action."""
    query = latest(select(*audit.columns), audit.c.id, asked)
    for column, wanted in (
        (audit.c.actor, asked.actor),
        (audit.c.target, asked.target),
        (audit.c.action, asked.action_name),
    ):
        if wanted:
            query = query.where(column == wanted)
    return [AuditRow._make(row) for row in connection.execute(query)]
