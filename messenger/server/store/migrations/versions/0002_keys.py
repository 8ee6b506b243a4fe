"""End-to-end encryption: keys of devices and accounts, and to-device messages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and columns."""
    for table, *columns in (
        (
            "devices",
            sa.Column("signed_keys", sa.Text()),
            sa.Column("ed25519", sa.String(length=64)),
            sa.Column("keys_since", sa.Float()),
            sa.Column("fallback_id", sa.String(length=64)),
            sa.Column("fallback_key", sa.Text()),
            sa.Column("last_letter", sa.BigInteger(), server_default="0", nullable=False),
        ),
        (
            "accounts",
            sa.Column("identity", sa.Text()),
            sa.Column("master_key", sa.String(length=64)),
        ),
        (
            "conversations",
            sa.Column("encrypted", sa.Boolean(), server_default=sa.false(), nullable=False),
            sa.Column("history", sa.Boolean(), server_default=sa.false(), nullable=False),
        ),
    ):
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "key_backups",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_key_backups_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "session_id", name=op.f("pk_key_backups")),
    )
    op.create_table(
        "one_time_keys",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_one_time_keys_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", "key_id", name=op.f("pk_one_time_keys")),
    )
    op.create_table(
        "letters",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=25), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_letters_device_id")),
        sa.PrimaryKeyConstraint("device_id", "seq", name=op.f("pk_letters")),
    )
