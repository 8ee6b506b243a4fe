"""Figures of minutes and hours."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_COLUMNS = {
    "span": sa.Integer(),
    "time": sa.BigInteger(),
    "seconds": sa.Float(),
    "online": sa.Integer(),
    "sessions": sa.Integer(),
    "slow": sa.Integer(),
    "messages": sa.BigInteger(),
    "bytes": sa.BigInteger(),
    "latency": _TEXT,
    "transactions": sa.BigInteger(),
    "retries": sa.BigInteger(),
    "failures": sa.BigInteger(),
    "lag": sa.Float(),
    "cpu": sa.Float(),
    "memory": sa.BigInteger(),
    "database_size": sa.BigInteger(),
    "disk_free": sa.BigInteger(),
}


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "statistics",
        *(sa.Column(name, kind, nullable=False) for name, kind in _COLUMNS.items()),
        sa.PrimaryKeyConstraint("span", "time", name=op.f("pk_statistics")),
    )
