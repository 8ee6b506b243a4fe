"""Names that look the same, and the time at which a member joined a room."""

import sqlalchemy as sa
from alembic import op

from messenger.jim.lookalikes import looks

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table and the column; names that look the same stay as they are."""
    joined_at = sa.Column("joined_at", sa.Float(), server_default="0", nullable=False)
    op.add_column("members", joined_at)
    name_looks = op.create_table(
        "name_looks",
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("look", "name", name=op.f("pk_name_looks")),
    )
    op.create_index(op.f("ix_name_looks_name"), "name_looks", ["name"], unique=False)
    connection = op.get_bind()
    names = connection.scalars(
        sa.text(
            "SELECT name FROM accounts WHERE NOT guest "
            "UNION SELECT room FROM conversations WHERE room IS NOT NULL AND closed_at IS NULL"
        )
    )
    rows = [{"look": look, "name": name} for name in names for look in looks(name)]
    if rows:
        op.bulk_insert(name_looks, rows)
