"""Tables whose rows nobody can change or delete: triggers refuse it."""

from sqlalchemy import DDL, Table, event

_SQLITE = (
    """CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name}
    BEGIN SELECT RAISE(ABORT, 'The table {name} is append-only'); END""",
    """CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}
    BEGIN SELECT RAISE(ABORT, 'The table {name} is append-only'); END""",
    # REPLACE deletes a row without calling the trigger above.
    """CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name}
    WHEN EXISTS (SELECT 1 FROM {name} WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'The table {name} is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION {name}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'The table {name} is append-only'; END $$""",
    """CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name}
    FOR EACH ROW EXECUTE FUNCTION {name}_is_append_only()""",
    # TRUNCATE calls no trigger of rows.
    """CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_is_append_only()""",
)


def hold(table: Table) -> None:
    """Have the table created with triggers that refuse to change or delete its rows."""
    for dialect, statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
        for statement in statements:
            text = statement.format(name=table.name)
            made = DDL(text)  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
            made = made.execute_if(dialect=dialect)
            event.listen(table, "after_create", made)
