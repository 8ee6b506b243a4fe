"""PostgreSQL has the last number of each conversation, the writers, and texts in one order."""

import sqlalchemy as sa
from alembic import op

_TEXTS = """SELECT attrelid::regclass, quote_ident(attname), format_type(atttypid, atttypmod)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND attnum > 0
    AND attcollation <> 0 AND NOT attisdropped AND relname <> 'alembic_version'"""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Sort by code points, and create tables; the numbers are looked up when they are needed."""
    if op.get_context().dialect.name != "postgresql":
        return
    for table, column, kind in op.get_bind().exec_driver_sql(_TEXTS).all():
        op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} COLLATE "C"')
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
