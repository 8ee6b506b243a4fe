"""The tables of the server's database.

Times are unix time in seconds. A message's primary key, its `message_key`, is its conversation's id
and its number in one integer: one b-tree keeps every conversation together and in order, and an
append pays for no second index (measured: that would be the dearest part of storing a message).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from messenger.server.store.append_only import hold

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MAX_ID = 2**31 - 1
"""The greatest id of a row: an integer of PostgreSQL is compared with no greater number."""

SEQ_BITS = 32  # 4 billion messages in each of 2 billion conversations
"""How many of a message_key's low bits are the number in the conversation."""

# Accounts and guests have separate namespaces: nobody inherits the messages of a guest. The row of
# a removed account stays, as its messages do. The last login is here, too, so that all accounts can
# be sorted by it; `messages` and `bytes` count what the account has sent.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(25), nullable=False),
    Column("name_key", String(50), nullable=False),
    Column("guest", Boolean, nullable=False, server_default=false()),
    Column("verifier", Text),
    Column("information", Text, nullable=False, server_default=""),
    Column("identity", Text),
    Column("master_key", String(64)),
    Column("blocked", Boolean, nullable=False, server_default=false()),
    Column("created_at", Float, nullable=False),
    Column("last_seen", Float),
    Column("role", String(16), nullable=False, server_default="user"),
    Column("removed_at", Float),
    Column("last_login", Float),
    Column("last_address", Text),
    Column("messages", BigInteger, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
)
Index("uq_accounts_name_key", accounts.c.name_key, unique=True, sqlite_where=text("NOT guest"))
Index("uq_accounts_guest_name", accounts.c.name, unique=True, sqlite_where=text("guest"))

# Skeletons (UTS #39) of the names of registered accounts and open rooms: a new name may have none
# of them. Names that are older than this rule may share one.
name_looks = Table(
    "name_looks",
    metadata,
    Column("look", Text, primary_key=True),
    Column("name", Text, primary_key=True, index=True),
)

# A device that can decrypt has `signed_keys`, published at `keys_since`; `last_to_device` is the
# number of the last to-device message for it.
devices = Table(
    "devices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("public_id", String(64), nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("program", Text, nullable=False, server_default=""),
    Column("token_hash", LargeBinary, unique=True),
    Column("created_at", Float, nullable=False),
    Column("last_seen", Float),
    Column("signed_keys", Text),
    Column("ed25519", String(64)),
    Column("keys_since", Float),
    Column("fallback_id", String(64)),
    Column("fallback_key", Text),
    Column("last_to_device", BigInteger, nullable=False, server_default="0"),
    # The name in the first version: SQLite cannot rename a constraint.
    UniqueConstraint("account_id", "public_id", name="uq_devices_account_id_ident"),
)

# A claimed key keeps its id, without the key, so that it is never returned again.
one_time_keys = Table(
    "one_time_keys",
    metadata,
    Column("device_row", ForeignKey("devices.id"), primary_key=True),
    Column("key_id", String(64), primary_key=True),
    Column("key", Text),
)

key_backups = Table(
    "key_backups",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("session_id", String(64), primary_key=True),
    Column("encrypted", Text, nullable=False),
)

# `size` is that of the message, in bytes: the index covers the count of a sender's share.
to_device_messages = Table(
    "to_device_messages",
    metadata,
    Column("device_row", ForeignKey("devices.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("sender", String(25), nullable=False),
    Column("message", Text, nullable=False),
    Column("size", Integer, nullable=False, server_default="0"),
)
Index(
    "ix_to_device_messages_sender",
    to_device_messages.c.device_row,
    to_device_messages.c.sender,
    to_device_messages.c.seq,
    to_device_messages.c.size,
)

logins = Table(
    "logins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("time", Float, nullable=False),
    Column("address", Text, nullable=False),
    Column("program", Text, nullable=False, server_default=""),
)

contacts = Table(
    "contacts",
    metadata,
    Column("owner_id", ForeignKey("accounts.id"), primary_key=True),
    Column("contact_id", ForeignKey("accounts.id"), primary_key=True, index=True),
)

# By name, so that a guest who is blocked stays so after registering that name.
blocks = Table(
    "blocks",
    metadata,
    Column("owner_id", ForeignKey("accounts.id"), primary_key=True),
    Column("name", String(25), primary_key=True, index=True),
    Column("created_at", Float, nullable=False),
)

# `messages` is a list of `ReportedMessage` as JSON: what the reporter says that was written.
reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reporter_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("account_name", String(25), nullable=False, server_default=""),
    Column("room", String(50), nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("messages", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("closed_at", Float),
    Column("closed_by", Text),
)

# A direct chat has its two people in `first_id` <= `second_id`, a room has a name. Another room of
# the same name has another `unique_id`; older ones have none.
conversations = Table(
    "conversations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first_id", ForeignKey("accounts.id")),
    Column("second_id", ForeignKey("accounts.id"), index=True),
    Column("room", String(50)),
    Column("topic", Text, nullable=False, server_default=""),
    Column("encrypted", Boolean, nullable=False, server_default=false()),
    Column("history", Boolean, nullable=False, server_default=false()),
    Column("creator_id", ForeignKey("accounts.id")),
    Column("created_at", Float, nullable=False),
    Column("closed_at", Float),
    Column("unique_id", String(32), unique=True, index=True),
    UniqueConstraint("first_id", "second_id"),
)
Index(
    "uq_conversations_room",
    conversations.c.room,
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
)

members = Table(
    "members",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), primary_key=True, index=True),
    Column("banned", Boolean, nullable=False, server_default=false()),
    Column("joined_at", Float, nullable=False, server_default="0"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("delivered", BigInteger, nullable=False, server_default="0"),
    Column("read", BigInteger, nullable=False, server_default="0"),
)

messages = Table(
    "messages",
    metadata,
    Column("message_key", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("sender_id", Integer, nullable=False),
    Column("stored_at", Float, nullable=False),
    Column("sent_id", String(64)),
    Column("frame", Text, nullable=False),
)
# Partial, so that a message without an id pays nothing for it. The id is first: ids that grow with
# time go to the end of the b-tree. By sender, each would change a page of its own in every commit,
# which costs more than storing the message (measured).
Index(
    "uq_messages_sent_id",
    messages.c.sent_id,
    messages.c.sender_id,
    unique=True,
    sqlite_where=text("sent_id IS NOT NULL"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("uses_left", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
)

# One at most for each account: a new code replaces the old one. Of a code its hash is stored.
password_resets = Table(
    "password_resets",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("code_hash", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)

# `before` and `after` are JSON. Triggers hold the rows as they are (`append_only`).
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", Float, nullable=False),
    Column("actor", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("target", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
)
hold(audit)

# The figures of `span` seconds from `time` on: store/statistics.py says what they are.
statistics = Table(
    "statistics",
    metadata,
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("time", BigInteger, primary_key=True, autoincrement=False),
    Column("seconds", Float, nullable=False),
    Column("online", Integer, nullable=False),
    Column("sessions", Integer, nullable=False),
    Column("slow", Integer, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("latency", Text, nullable=False),
    Column("transactions", BigInteger, nullable=False),
    Column("retries", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("lag", Float, nullable=False),
    Column("cpu", Float, nullable=False),
    Column("memory", BigInteger, nullable=False),
    Column("database_size", BigInteger, nullable=False),
    Column("disk_free", BigInteger, nullable=False),
)

# PostgreSQL would sort texts by the language of the database: a range of them, such as all names
# with a prefix, needs the order of code points, which is that of SQLite.
for _column in (column for table in metadata.tables.values() for column in table.columns):
    if isinstance(_kind := _column.type, String):
        _column.type = _kind.with_variant(type(_kind)(_kind.length, collation="C"), "postgresql")


def keep_conditions(dialect: str) -> None:
    """Give another database the conditions of the partial indexes that are declared for SQLite.

    The declarations themselves leave it out: SQLAlchemy would import that dialect at every start of
    a server on SQLite, for a tenth of the time of the start.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options[dialect]["where"] = index.dialect_options["sqlite"]["where"]
