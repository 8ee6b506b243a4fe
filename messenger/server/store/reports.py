"""Reports to the administrators, with the messages that their reporters show."""

import time
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from messenger.server.store.schema import MAX_ID, accounts, reports


class ReportRow(NamedTuple):
    """A report as it is stored.

    `account_name` or `room`, or both, are what it is about; `messages` are a list of
    `ReportedMessage` as JSON: the reporter's claim, not proven. `closed_by` is the administrator
    who has closed it.
    """

    id: int
    reporter: str
    account_name: str
    room: str
    reason: str
    messages: str
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
    query = (
        select(
            reports.c.id,
            accounts.c.name,
            *reports.c["account_name", "room", "reason", "messages"],
            *reports.c["created_at", "closed_at", "closed_by"],
        )
        .join(accounts, accounts.c.id == reports.c.reporter_id)
        .order_by(reports.c.id.desc())
        .limit(limit)
    )
    if closed is not None:
        query = query.where(reports.c.closed_at.is_not(None) == closed)
    if before is not None:
        query = query.where(reports.c.id < min(before, MAX_ID))
    return [ReportRow(*row) for row in connection.execute(query)]


def close_report(connection: Connection, report_id: int, closed_by: str) -> bool:
    """Close a report; False if there is no open one with this id."""
    same = (reports.c.id == report_id) & reports.c.closed_at.is_(None)
    closed = update(reports).where(same).values(closed_at=time.time(), closed_by=closed_by)
    return report_id <= MAX_ID and bool(connection.execute(closed).rowcount)
