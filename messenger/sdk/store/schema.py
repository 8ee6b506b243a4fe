"""The tables of the client's database. Times are unix time in seconds."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)

OF_THE_DEVICE = (
    "token", "device", "identity", "identity_of", "to_device", "keys_since", "unused_keys",
    "secret", "approval_nonce", "pending_secret",
)  # fmt: skip
"""The values of `profile` that make a device what it is."""

SET_ASIDE = "removed_secret"
"""The value of `profile` that has the account's secret as a device had it that was removed.

In hexadecimal; two, with a space between, where it had made a new one that was not confirmed yet.
"""

metadata = MetaData()

profile = Table(
    "profile",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

contacts = Table("contacts", metadata, Column("name", Text, primary_key=True))

# Everything up to `synced` is here, from `first` on; what is older is fetched when asked for.
# `delivered` and `read` are the user's receipts. One that was `encrypted` once is never plain by
# itself. `joined` is when one has joined a room, 0 where that is not known.
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
    Column("encrypted", Boolean, nullable=False, server_default=false()),
    Column("history", Boolean, nullable=False, server_default=false()),
    Column("joined", Float, nullable=False, server_default="0"),
)

# A message has no `seq` until the server has given it one; below 0 it is of a part that is closed.
# `time` is what its sender's clock said, `stored` what the server's did when it came there.
# `signed_by` is the self-signing key of the identity that had signed the device which sealed it.
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
    Column("security", Text, nullable=False, server_default=""),
    Column("stored", Float, nullable=False, server_default="0"),
    Column("said_time", Float),
    Column("signed_by", Text, nullable=False, server_default=""),
)
Index("uq_messages_conversation_seq", messages.c.conversation, messages.c.seq, unique=True)
Index("ix_messages_sent_id", messages.c.sent_id, unique=True)
Index("ix_messages_unsent", messages.c.id, sqlite_where=messages.c.state == "unsent")
Index("ix_messages_unnumbered", messages.c.id, sqlite_where=messages.c.seq.is_(None))

# --- end-to-end encryption: keys are base64, sessions as their library pickles them ------------

devices = Table(
    "devices",
    metadata,
    Column("account", Text, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("curve25519", Text, nullable=False, index=True),
    Column("ed25519", Text, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("first_seen", Float, nullable=False),
)

# Who vouches for an account's devices, as it was seen first. One that was verified and is another
# now is `changed`, until the user decides.
identities = Table(
    "identities",
    metadata,
    Column("account", Text, primary_key=True),
    Column("master", Text, nullable=False),
    Column("self_signing", Text, nullable=False),
    Column("trust", Text, nullable=False),
)

# What the user has decided about an account, the last decision of each of the user's devices; the
# one with the greatest `number` counts. It stays as it was where the identity changes later.
trust_records = Table(
    "trust_records",
    metadata,
    Column("account", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("master", Text, nullable=False),
    Column("self_signing", Text, nullable=False),
    Column("trust", Text, nullable=False),
)

# Olm sessions. `peer` is the other device's Curve25519 key; anybody can publish that of somebody
# else, so the Ed25519 key belongs to it.
olm_sessions = Table(
    "olm_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("peer", Text, nullable=False, index=True),
    Column("pickle", Text, nullable=False),
    Column("used_at", Float, nullable=False),
    Column("ed25519", Text, nullable=False, server_default=""),
)

# The group session that one's own messages to a conversation are sealed by. `answered` says that
# somebody else has written since.
outbound_sessions = Table(
    "outbound_sessions",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("pickle", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("answered", Boolean, nullable=False, server_default=false()),
)

# From which message on a device was given the key of one's own group session. A key was given to
# the holder of these identity keys, not to whoever has the device's name: so all are in the key.
shared = Table(
    "shared",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("curve25519", Text, primary_key=True),
    Column("ed25519", Text, primary_key=True),
    Column("position", Integer, nullable=False),
)

# Group sessions whose messages can be opened from `first` on. The device with these identity keys
# has made it: `certificate`, JSON that it has signed, claims that to others. Anybody who knows a
# session's id can sign such a claim: each is kept, by a `name` that is made of the session's id and
# the Ed25519 key of who claims it. `signed_by` is the self-signing key of the identity that had
# signed the device, empty where none had; `shared_history` says that who joins later may have the
# key; `proved` that it is the owner's own word which key that is: what others pass on they may have
# made up. `kept_at` is when it came. One that has opened no message yet is unused, and is kept with
# the account that has given it: anybody can send such keys, so of each account so many stay.
inbound_sessions = Table(
    "inbound_sessions",
    metadata,
    Column("session_id", Text, nullable=False, index=True),
    Column("room_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("curve25519", Text, nullable=False, server_default=""),
    Column("ed25519", Text, nullable=False, server_default=""),
    Column("first", Integer, nullable=False),
    Column("pickle", Text, nullable=False),
    Column("certificate", Text, nullable=False, server_default=""),
    Column("signed_by", Text, nullable=False, server_default=""),
    Column("shared_history", Boolean, nullable=False, server_default=false()),
    Column("proved", Boolean, nullable=False, server_default=false()),
    Column("backed_up", Boolean, nullable=False, server_default=false()),
    Column("kept_at", Float, nullable=False, server_default="0"),
    Column("name", Text, primary_key=True),
    Column("unused_by", Text, nullable=False, server_default=""),
)
Index(
    "ix_inbound_sessions_to_back_up",
    inbound_sessions.c.name,
    sqlite_where=~inbound_sessions.c.backed_up,
)
Index(
    "ix_inbound_sessions_used",
    inbound_sessions.c.room_id,
    sqlite_where=inbound_sessions.c.unused_by == "",
)
Index(
    "ix_inbound_sessions_unused",
    inbound_sessions.c.unused_by,
    sqlite_where=inbound_sessions.c.unused_by != "",
)


# Which number in the log the message at a position has: another there is a replay. `session_id` is
# the name of a session in `inbound_sessions`.
decrypted = Table(
    "decrypted",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Group sessions that were forgotten with what was opened by them: their keys are not taken again,
# or what they have opened could be shown as new. Each is named by its id and its owner's account;
# those of earlier versions by the id alone.
forgotten = Table(
    "forgotten", metadata, Column("session_id", Text, primary_key=True), sqlite_with_rowid=False
)

# Messages that wait for their key, as they came.
waiting = Table(
    "waiting",
    metadata,
    Column("message_id", Integer, primary_key=True),
    Column("session_id", Text, nullable=False, index=True),
    Column("encrypted", LargeBinary, nullable=False),
    Column("position", Integer),
)
WAITING_POSITION = Index("ix_waiting_position", waiting.c.session_id, waiting.c.position)

# Messages of one's own as they go out, kept with the session that sealed them.
outgoing = Table(
    "outgoing",
    metadata,
    Column("sent_id", Text, primary_key=True),
    Column("encrypted", Text, nullable=False),
    Column("devices", Text, nullable=False),
)
