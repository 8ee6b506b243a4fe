"""The size of each to-device message, so that each sender's share can be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column, and an index by sender."""
    op.add_column("letters", sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE letters SET size = length(message)")
    columns = ["device_id", "sender", "seq", "size"]
    op.create_index("ix_letters_sender", "letters", columns)
