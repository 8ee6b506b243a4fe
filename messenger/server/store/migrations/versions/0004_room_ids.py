"""Rooms are told by an id from others of the same name; those of older days have none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("conversations") as conversations:
        conversations.add_column(sa.Column("unique_id", sa.String(length=32), nullable=True))
        conversations.create_unique_constraint(op.f("uq_conversations_unique_id"), ["unique_id"])
