"""A part of a conversation that is over: kept, before what follows and with no numbers in common.

What a guest has said ends when the name is registered, and what was said in a room when another one
is made under its name: the conversation begins anew at the server, with number 1.
"""

from sqlalchemy import Connection, select, update

from messenger.sdk.store.messages import MessageState
from messenger.sdk.store.rooms import noted_room_id
from messenger.sdk.store.schema import conversations, decrypted, inbound_sessions, messages


def close_part(connection: Connection, conversation: str, me: str) -> None:
    """End what was said so far: it gets numbers below 0, in the order in which it is shown.

    What has not been sent yet belongs to what follows.
    """
    mine = messages.c.conversation == conversation
    query = select(messages.c.id).where(mine, messages.c.state != MessageState.UNSENT)
    in_order = query.order_by(messages.c.seq.is_(None), messages.c.seq, messages.c.id)
    row_ids = list(connection.scalars(in_order))
    connection.execute(update(messages).where(mine).values(seq=None))
    if row_ids:
        connection.exec_driver_sql(
            "UPDATE messages SET seq = ? WHERE id = ?",
            [(index - len(row_ids), row_id) for index, row_id in enumerate(row_ids)],
        )
    row = update(conversations).where(conversations.c.name == conversation)
    connection.execute(row.values(synced=0, first=1, delivered=0, read=0, guest=False))
    room = noted_room_id(connection, conversation, me)
    sessions = select(inbound_sessions.c.name).where(inbound_sessions.c.room_id == room)
    connection.execute(update(decrypted).where(decrypted.c.session_id.in_(sessions)).values(seq=0))
