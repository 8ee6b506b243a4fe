"""Closes a conversation whose log starts over at the server: its messages stay, renumbered.

A guest's conversation ends when the name is registered, and a room's when another room is created
under its name: the new log at the server starts with number 1.
"""

from sqlalchemy import Connection, select, update

from messenger.sdk.store.messages import MessageState
from messenger.sdk.store.rooms import noted_room_id
from messenger.sdk.store.schema import conversations, decrypted, inbound_sessions, messages


def close_part(connection: Connection, conversation: str, me: str) -> None:
    """Give the messages so far numbers below 0, in the order in which they are shown.

    Unsent messages belong to the new log.
    """
    mine = messages.c.conversation == conversation
    query = select(messages.c.id).where(mine, messages.c.state != MessageState.UNSENT)
    in_order = query.order_by(messages.c.seq.is_(None), messages.c.seq, messages.c.id)
    row_ids = list(connection.scalars(in_order))
    # First NULL for all: conversation and number are unique together, while rows are renumbered.
    connection.execute(update(messages).where(mine).values(seq=None))
    if row_ids:
        connection.exec_driver_sql(
            "UPDATE messages SET seq = ? WHERE id = ?",
            [(index - len(row_ids), row_id) for index, row_id in enumerate(row_ids)],
        )
    # The user's receipts count in the numbers of a log, so they start over with it.
    row = update(conversations).where(conversations.c.name == conversation)
    connection.execute(row.values(synced=0, first=1, delivered=0, read=0, guest=False))
    room = noted_room_id(connection, conversation, me)
    # 0: what the old sessions decrypted stays known as a replay, at no number of the new log.
    sessions = select(inbound_sessions.c.name).where(inbound_sessions.c.room_id == room)
    connection.execute(update(decrypted).where(decrypted.c.session_id.in_(sessions)).values(seq=0))
