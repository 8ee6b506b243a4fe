"""Roles of accounts, what a list of them shows, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TRIGGERS = {
    "sqlite": (
        """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'The table audit is append-only'); END""",
        """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'The table audit is append-only'); END""",
        """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'The table audit is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'The table audit is append-only'; END $$""",
        """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()""",
        """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
    ),
}


_BYTES = {"sqlite": "length(CAST(frame AS BLOB))", "postgresql": "octet_length(frame)"}


def upgrade() -> None:
    """Add the columns, filled from logins and messages, and the table with its triggers."""
    dialect = op.get_context().dialect.name
    text = _text()
    for column in (
        sa.Column("role", _text(16), nullable=False, server_default="user"),
        sa.Column("removed_at", sa.Float()),
        sa.Column("last_login", sa.Float()),
        sa.Column("last_address", text),
        sa.Column("messages", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("bytes", sa.BigInteger(), nullable=False, server_default="0"),
    ):
        op.add_column("accounts", column)
    op.execute(
        """UPDATE accounts SET
        last_login = (SELECT max(time) FROM logins WHERE account_id = accounts.id),
        last_address = (SELECT address FROM logins WHERE account_id = accounts.id
                        ORDER BY id DESC LIMIT 1)"""
    )
    op.execute(
        f"""WITH sent AS (SELECT sender_id, count(*) AS count, sum({_BYTES[dialect]}) AS bytes
                      FROM messages GROUP BY sender_id)
        UPDATE accounts SET messages = sent.count, bytes = sent.bytes
        FROM sent WHERE sent.sender_id = accounts.id"""  # noqa: S608  no text of others
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("origin", text, nullable=False),
        sa.Column("action", _text(32), nullable=False),
        sa.Column("target", text, nullable=False),
        sa.Column("before", text),
        sa.Column("after", text),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    for statement in _TRIGGERS[dialect]:
        op.execute(statement)


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Return the type of a text, which PostgreSQL sorts by code points."""
    kind = sa.String if length else sa.Text
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")
