"""The sender's ids of messages have an index in place of a table."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Index the ids where they are: each message that has one has it in its own row, too."""
    op.drop_table("sent_ids")
    op.create_index(
        "uq_messages_sent_id",
        "messages",
        ["sent_id", "sender_id"],
        unique=True,
        sqlite_where=sa.text("sent_id IS NOT NULL"),
        postgresql_where=sa.text("sent_id IS NOT NULL"),
    )
