"""An id that distinguishes rooms of the same name; older rooms have none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    op.add_column("conversations", sa.Column("unique_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_conversations_unique_id"), "conversations", ["unique_id"], unique=True)
