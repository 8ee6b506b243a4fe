"""Reports to the administrators, with the messages that their reporters show."""

import time
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Connection,
    Integer,
    Select,
    Text,
    cast,
    exists,
    func,
    insert,
    select,
    update,
)

from messenger.jim.admin.reports import ListReports
from messenger.jim.errors import Conflict, NotFound
from messenger.server.store.audit import Change
from messenger.server.store.backward import latest
from messenger.server.store.schema import MAX_ID, accounts, reports

# Counted by the database: those of 500 reports may have 64 MB. SQLite has JSON in columns of text.
_MESSAGES = func.json_array_length(
    cast(reports.c.messages, JSON().with_variant(Text(), "sqlite")), type_=Integer()
)

_NONE = "[]"
"""No messages, as JSON."""

# What a report is about. A room's name begins with a character that no account's name has.
_subject = func.coalesce(func.nullif(reports.c.account_name, ""), reports.c.room)


class ReportRow(NamedTuple):
    """A report as it is stored.

    `account_name` or `room`, or both, are what it is about; `messages` counts those that it shows.
    `closed_by` is the administrator who has closed it. `others` counts the other open reports about
    the same account, or the same room if it is about no account.
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
    others: int = 0


class Added(NamedTuple):
    """A report that was stored, and whether without its messages."""

    id: int
    is_cut: bool


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
    is_one_of_many: bool,
    max_open: int,
) -> Added:
    """Store a report; raises TooManyReports.

    Of many about the same (`is_one_of_many`) those of a reporter are stored without messages while
    an earlier one has some: the crowd of one side must not keep out what the other has to show.
    """
    mine = (reports.c.reporter_id == reporter_id) & reports.c.closed_at.is_(None)
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= max_open:
        raise TooManyReports
    shows = mine & (_subject == (account_name or room)) & (reports.c.messages != _NONE)
    is_cut = is_one_of_many and connection.execute(select(exists().where(shows))).scalar_one()
    added = insert(reports).values(
        reporter_id=reporter_id,
        account_name=account_name,
        room=room,
        reason=reason,
        messages=_NONE if is_cut else messages,
        created_at=time.time(),
    )
    return Added(connection.execute(added.returning(reports.c.id)).scalar_one(), is_cut)


def page(connection: Connection, asked: ListReports) -> list[ReportRow]:
    """Return reports, the latest first: closed ones, open ones, or all."""
    query = latest(_all(), reports.c.id, asked)
    if asked.closed is not None:
        query = query.where(reports.c.closed_at.is_not(None) == asked.closed)
    return _with_others(connection, [ReportRow(*row) for row in connection.execute(query)])


def one(connection: Connection, report_id: int) -> tuple[ReportRow, str] | None:
    """Return the report with this id, and its messages; None if there is none.

    They are a list of `ReportedMessage` as JSON: the reporter's claim, not proven.
    """
    query = _all().add_columns(reports.c.messages).where(reports.c.id == min(report_id, MAX_ID))
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    return _with_others(connection, [ReportRow(*found[:-1])])[0], found[-1]


def settle(
    connection: Connection, report_id: int, closed_by: str, note: str, *, others: bool
) -> Change[int]:
    """Close a report, with a note for the audit log; yield how many `others` were closed, too.

    Those are the open ones about the same. Raises NotFound, or Conflict if it is closed.
    """
    subject = _open_subject(connection, report_id)
    wanted = reports.c.id == report_id
    if others:
        wanted = _subject == subject
    closed = update(reports).where(wanted, reports.c.closed_at.is_(None))
    values = {"closed_at": time.time(), "closed_by": closed_by}
    count = connection.execute(closed.values(values)).rowcount - 1
    more = {"others": count} if others else {}
    return Change({"closed": False}, {"closed": True, "note": note, **more}, count)


def _open_subject(connection: Connection, report_id: int) -> str:
    query = select(_subject, reports.c.closed_at).where(reports.c.id == min(report_id, MAX_ID))
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound("There is no report {number}", number=report_id)
    if found.closed_at is not None:
        raise Conflict("Report {number} is closed already", number=report_id)
    return str(found[0])


def _with_others(connection: Connection, rows: list[ReportRow]) -> list[ReportRow]:
    subjects = {row.account_name or row.room for row in rows}
    query = (
        select(_subject, func.count())
        .where(reports.c.closed_at.is_(None), _subject.in_(subjects))
        .group_by(_subject)
    )
    counts = {row[0]: row[1] for row in connection.execute(query)}
    return [
        row._replace(others=counts.get(row.account_name or row.room, 0) - (row.closed_at is None))
        for row in rows
    ]


def _all() -> Select[Any]:
    return select(
        reports.c.id,
        accounts.c.name,
        *reports.c["account_name", "room", "reason"],
        _MESSAGES,
        *reports.c["created_at", "closed_at", "closed_by"],
    ).join(accounts, accounts.c.id == reports.c.reporter_id)
