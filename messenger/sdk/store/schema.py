"""The tables of the client's database. Times are unix time in seconds."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, Table, Text, false

metadata = MetaData()

profile = Table(
    "profile",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

contacts = Table("contacts", metadata, Column("name", Text, primary_key=True))

# Everything up to `synced` is here, from `first` on; what is older is fetched when asked for.
# `delivered` and `read` are one's own marks.
conversations = Table(
    "conversations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("synced", Integer, nullable=False, server_default="0"),
    Column("first", Integer, nullable=False, server_default="1"),
    Column("delivered", Integer, nullable=False, server_default="0"),
    Column("read", Integer, nullable=False, server_default="0"),
    Column("topic", Text, nullable=False, server_default=""),
    Column("guest", Boolean, nullable=False, server_default=false()),
    Column("muted", Boolean, nullable=False, server_default=false()),
)

# A message has no `seq` until the server has given it one.
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", Text, nullable=False),
    Column("seq", Integer),
    Column("sent_id", Text),
    Column("sender", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("encoding", Text, nullable=False, server_default="utf-8"),
    Column("time", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("guest", Boolean, nullable=False, server_default=false()),
)
Index("uq_messages_conversation_seq", messages.c.conversation, messages.c.seq, unique=True)
Index("ix_messages_sent_id", messages.c.sent_id, unique=True)
Index("ix_messages_unsent", messages.c.id, sqlite_where=messages.c.state == "unsent")
Index("ix_messages_unnumbered", messages.c.id, sqlite_where=messages.c.seq.is_(None))
