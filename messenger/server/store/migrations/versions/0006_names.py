"""Tables and columns are named for what they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_COLUMNS = (
    ("devices", "ident", "public_id"),
    ("devices", "last_letter", "last_to_device"),
    ("one_time_keys", "device_id", "device_row"),
    ("to_device_messages", "device_id", "device_row"),
    ("key_backups", "sealed", "encrypted"),
    ("messages", "place", "message_key"),
    ("sent_ids", "place", "message_key"),
)


def upgrade() -> None:
    """Rename: both databases do it in place (SQLite since 3.25)."""
    op.drop_index("ix_letters_sender", "letters")
    op.rename_table("letters", "to_device_messages")
    op.rename_table("marks", "receipts")
    for table, old, new in _COLUMNS:
        op.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}"))
    columns = ["device_row", "sender", "seq", "size"]
    op.create_index("ix_to_device_messages_sender", "to_device_messages", columns)
