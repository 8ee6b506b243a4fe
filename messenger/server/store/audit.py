"""The audit log: who has changed what, when, from where, and how it was before."""

import time
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, insert

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
) -> None:
    """Append a row; call it in the transaction of the change."""
    connection.execute(
        insert(audit).values(
            time=time.time(),
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
