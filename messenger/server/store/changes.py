"""Changes that limit who may read or write in a conversation, as the database counts them.

Only PostgreSQL counts, as only there another server may make them.
"""

from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from messenger.server.store.schema import conversations, members

_NOTED = "messenger.changes"


class State(NamedTuple):
    """What a message to a conversation is checked against, after so many `changes`.

    `member_ids` are the accounts that are members of a room.
    """

    changes: int
    encrypted: bool
    closed: bool
    member_ids: frozenset[int]


def note(connection: Connection, *conversation_ids: int) -> None:
    """Have a change of these conversations counted with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.info.setdefault(_NOTED, set()).update(conversation_ids)


def note_for(connection: Connection, account_id: int) -> None:
    """Have a change of every conversation of an account counted: of its devices, or identity."""
    if connection.dialect.name == "postgresql":
        direct = or_(
            conversations.c.first_id == account_id, conversations.c.second_id == account_id
        )
        note(connection, *connection.scalars(select(conversations.c.id).where(direct)))
        joined = members.c.account_id == account_id
        note(connection, *connection.scalars(select(members.c.conversation_id).where(joined)))


def take_noted(connection: Connection) -> set[int]:
    """Return the conversations with changes since the last call."""
    noted: set[int] = connection.info.pop(_NOTED, set())
    return noted


def state(connection: Connection, conversation_id: int) -> State:
    """Return the state of a conversation in the database; for PostgreSQL."""
    # First: a change after it is found by the transaction of the message.
    query = "SELECT changes FROM numbers WHERE conversation_id = %s"
    counted = connection.exec_driver_sql(query, (conversation_id,)).scalar()
    same = conversations.c.id == conversation_id
    row = connection.execute(
        select(conversations.c.encrypted, conversations.c.closed_at).where(same)
    ).one()
    in_room = (members.c.conversation_id == conversation_id) & ~members.c.banned
    ids = connection.scalars(select(members.c.account_id).where(in_room))
    return State(counted or 0, bool(row.encrypted), row.closed_at is not None, frozenset(ids))
