"""Reports to the administrators, with the messages that their reporters show."""

import time
from typing import Any, NamedTuple

from sqlalchemy import JSON, Connection, Integer, Select, Text, cast, func, insert, select, update

from messenger.jim.errors import Conflict, NotFound
from messenger.server.store.audit import Change
from messenger.server.store.schema import MAX_ID, accounts, reports

# Counted by the database: those of 500 reports may have 64 MB. SQLite has JSON in columns of text.
_MESSAGES = func.json_array_length(
    cast(reports.c.messages, JSON().with_variant(Text(), "sqlite")), type_=Integer()
)


class ReportRow(NamedTuple):
    """A report as it is stored.

    `account_name` or `room`, or both, are what it is about; `messages` counts those that it shows.
    `closed_by` is the administrator who has closed it.
    """

    id: int
    reporter: str
    account_name: str
    room: str
    reason: str
    messages: int
    created_at: float
    closed_at: float | None
    closed_by: str | None


class TooManyReports(Exception):
    """As many reports of this account are open as may be."""


def add_report(
    connection: Connection,
    reporter_id: int,
    *,
    account_name: str,
    room: str,
    reason: str,
    messages: str,
    max_open: int,
) -> int:
    """Store a report, and return its id; raises TooManyReports."""
    mine = (reports.c.reporter_id == reporter_id) & reports.c.closed_at.is_(None)
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= max_open:
        raise TooManyReports
    added = insert(reports).values(
        reporter_id=reporter_id,
        account_name=account_name,
        room=room,
        reason=reason,
        messages=messages,
        created_at=time.time(),
    )
    return int(connection.execute(added.returning(reports.c.id)).scalar_one())


def list_reports(
    connection: Connection, *, closed: bool | None, before: int | None, limit: int
) -> list[ReportRow]:
    """Return reports before this id, the newest first: `closed` ones, open ones, or (None) all."""
    query = _all().order_by(reports.c.id.desc()).limit(limit)
    if closed is not None:
        query = query.where(reports.c.closed_at.is_not(None) == closed)
    if before is not None:
        query = query.where(reports.c.id < min(before, MAX_ID))
    return [ReportRow(*row) for row in connection.execute(query)]


def one(connection: Connection, report_id: int) -> tuple[ReportRow, str] | None:
    """Return the report with this id, and its messages; None if there is none.

    They are a list of `ReportedMessage` as JSON: the reporter's claim, not proven.
    """
    query = _all().add_columns(reports.c.messages).where(reports.c.id == min(report_id, MAX_ID))
    found = connection.execute(query).one_or_none()
    return (ReportRow(*found[:-1]), found[-1]) if found is not None else None


def settle(connection: Connection, report_id: int, closed_by: str, note: str) -> Change[None]:
    """Close a report, with a note for the audit log; raises NotFound, or Conflict if it is."""
    same = (reports.c.id == min(report_id, MAX_ID)) & reports.c.closed_at.is_(None)
    closed = update(reports).where(same).values(closed_at=time.time(), closed_by=closed_by)
    if not connection.execute(closed).rowcount:
        if one(connection, report_id) is None:
            raise NotFound("There is no report {number}", number=report_id)
        raise Conflict("Report {number} is closed already", number=report_id)
    return Change({"closed": False}, {"closed": True, "note": note}, None)


def _all() -> Select[Any]:
    return select(
        reports.c.id,
        accounts.c.name,
        *reports.c["account_name", "room", "reason"],
        _MESSAGES,
        *reports.c["created_at", "closed_at", "closed_by"],
    ).join(accounts, accounts.c.id == reports.c.reporter_id)
