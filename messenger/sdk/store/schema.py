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
"""The values of `profile` that belong to one device."""

SET_ASIDE = "removed_secret"
"""The value of `profile` with the account's secret of this device before it was removed.

In hexadecimal; two, separated by a space, if it had made a new one that was not confirmed yet.
"""

metadata = MetaData()

profile = Table(
    "profile",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

contacts = Table("contacts", metadata, Column("name", Text, primary_key=True))

# Messages from `first` to `synced` are stored; older ones are fetched on request. `delivered` and
# `read` are the user's receipts. Once `encrypted`, a conversation never becomes unencrypted by
# itself. `joined` is when the user joined a room, 0 if unknown. `muted_until` is 0 if it is not
# muted, infinite if it is muted for good.
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
    Column("encrypted", Boolean, nullable=False, server_default=false()),
    Column("history", Boolean, nullable=False, server_default=false()),
    Column("joined", Float, nullable=False, server_default="0"),
    Column("muted_until", Float, nullable=False, server_default="0"),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("draft", Text, nullable=False, server_default=""),
)

# A message has no `seq` until the server has assigned one; below 0 it is in a closed log. `time` is
# from its sender's clock, `stored` from the server's when it stored the message. `signed_by` is the
# self-signing key of the identity that had signed the encrypting device. `mentions`: somebody
# else's text mentions the user.
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
    Column("mentions", Boolean, nullable=False, server_default=false()),
)
Index("uq_messages_conversation_seq", messages.c.conversation, messages.c.seq, unique=True)
Index("ix_messages_sent_id", messages.c.sent_id, unique=True)
Index("ix_messages_unsent", messages.c.id, sqlite_where=messages.c.state == "unsent")
Index(
    "ix_messages_unnumbered",
    messages.c.conversation,
    messages.c.id,
    sqlite_where=messages.c.seq.is_(None),
)
# Unread messages are counted by their numbers alone, without those of the user.
Index(
    "ix_messages_own",
    messages.c.conversation,
    messages.c.seq,
    sqlite_where=messages.c.state != "received",
)
Index(
    "ix_messages_mentions",
    messages.c.conversation,
    messages.c.seq,
    sqlite_where=messages.c.mentions,
)
# For receipts, which would have to look at all messages of the conversation otherwise.
for _state in ("sent", "delivered"):
    Index(
        f"ix_messages_{_state}",
        messages.c.conversation,
        messages.c.seq,
        sqlite_where=messages.c.state == _state,
    )

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

# The identity that signs an account's devices, as first seen. If it was verified and has changed,
# `trust` is `changed` until the user decides.
identities = Table(
    "identities",
    metadata,
    Column("account", Text, primary_key=True),
    Column("master", Text, nullable=False),
    Column("self_signing", Text, nullable=False),
    Column("trust", Text, nullable=False),
)

# The user's decisions about an account, the last one of each of the user's devices; that with the
# greatest `number` counts. A record does not change when the identity does.
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

# What the account's devices have shared about a conversation, as JSON (`AccountData`).
account_data = Table(
    "account_data",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("shared", Text, nullable=False),
)

# Olm sessions. `peer` is the other device's Curve25519 key. Anybody can publish the key of somebody
# else, so the Ed25519 key identifies the device, too.
olm_sessions = Table(
    "olm_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("peer", Text, nullable=False, index=True),
    Column("pickle", Text, nullable=False),
    Column("used_at", Float, nullable=False),
    Column("ed25519", Text, nullable=False, server_default=""),
)

# The Megolm session that encrypts this device's messages to a conversation. `answered`: somebody
# else has written since.
outbound_sessions = Table(
    "outbound_sessions",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("pickle", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("answered", Boolean, nullable=False, server_default=false()),
)

# From which message on a device has the key of an outbound session. The key was sent to the holder
# of these identity keys, not to any device with that id: so all of them are in the primary key.
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

# Inbound Megolm sessions, which decrypt messages from `first` on. The device with these identity
# keys has created it: `certificate`, JSON that it has signed, shows that to others. Anybody who
# knows a session's id can sign such a claim, so each is stored under a `name` that is made of the
# session's id and the claimant's Ed25519 key. `signed_by` is the self-signing key of the identity
# that had signed the device, empty if none had. `shared_history`: later members may have the key.
# `proved`: the owner itself has sent the key; one that others forward may be made up. `kept_at` is
# when it arrived. A session that has decrypted nothing is unused: `unused_by` is the account that
# sent it. Anybody can send keys, so their number is limited for each account.
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


# The log number of the message at each position of a session: any other message there is a replay.
# `session_id` is the name of a session in `inbound_sessions`.
decrypted = Table(
    "decrypted",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Deleted inbound sessions: their keys are not accepted again, or messages that they have decrypted
# could be replayed as new ones. Each is named by its id and its owner's account; those of earlier
# versions by the id alone.
forgotten = Table(
    "forgotten", metadata, Column("session_id", Text, primary_key=True), sqlite_with_rowid=False
)

# Messages whose key is missing, as they were received.
waiting = Table(
    "waiting",
    metadata,
    Column("message_id", Integer, primary_key=True),
    Column("session_id", Text, nullable=False, index=True),
    Column("encrypted", LargeBinary, nullable=False),
    Column("position", Integer),
)
WAITING_POSITION = Index("ix_waiting_position", waiting.c.session_id, waiting.c.position)

# Encrypted messages to send, stored in one transaction with the session that encrypted them.
outgoing = Table(
    "outgoing",
    metadata,
    Column("sent_id", Text, primary_key=True),
    Column("encrypted", Text, nullable=False),
    Column("devices", Text, nullable=False),
)
