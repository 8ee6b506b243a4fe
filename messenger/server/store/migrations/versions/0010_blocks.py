"""Accounts block each other, and report to the administrators."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "blocks",
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", _text(25), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_blocks_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "name", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_name"), "blocks", ["name"])
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("account_name", _text(25), server_default="", nullable=False),
        sa.Column("room", _text(50), server_default="", nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.Column("messages", _text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("closed_by", _text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["accounts.id"], name=op.f("fk_reports_reporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_reporter_id"), "reports", ["reporter_id"])


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Return the type of texts that PostgreSQL sorts by code points, as SQLite does."""
    kind = sa.String(length) if length is not None else sa.Text()
    return kind.with_variant(type(kind)(length, collation="C"), "postgresql")
