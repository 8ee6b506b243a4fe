"""PostgreSQL has the last number of each conversation, to be locked, and the writers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables; the numbers are looked up when a conversation is written to."""
    if op.get_context().dialect.name != "postgresql":
        return
    op.create_table(
        "numbers",
        sa.Column("conversation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_numbers")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "writers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_writers")),
        postgresql_with={"fillfactor": 50},
    )
