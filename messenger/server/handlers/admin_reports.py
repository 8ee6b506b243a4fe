"""Reports, for administrators: list, show, close."""

import msgspec

from messenger.jim.admin.reports import (
    ListReports,
    ReportDetails,
    ReportEntry,
    ReportsPage,
    SettleReport,
    ShowReport,
)
from messenger.jim.base import Reply
from messenger.jim.errors import NotFound
from messenger.jim.reports import ReportedMessage
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import reports as report_store
from messenger.server.store.reports import ReportRow

_messages = msgspec.json.Decoder(list[ReportedMessage]).decode


@action(ListReports, role=ADMINISTRATOR)
@log
@actor_required
async def list_reports(
    services: Services, session: Session, actor: Actor, request: ListReports
) -> ReportsPage:
    """List reports, without the messages that they show."""
    rows = await services.read_pool.read(report_store.page, request)
    entries = [_entry(row) for row in rows]
    return ReportsPage(200, reports=entries, next=request.next_before(rows))


@action(ShowReport, role=ADMINISTRATOR)
@log
@actor_required
async def show_report(
    services: Services, session: Session, actor: Actor, request: ShowReport
) -> ReportDetails:
    """Show a report, with the messages that its reporter has chosen for the administrators."""
    found = await services.read_pool.read(report_store.one, request.report)
    if found is None:
        raise NotFound("There is no report {number}", number=request.report)
    row, messages = found
    return ReportDetails(200, report=_entry(row), messages=_messages(messages))


@action(SettleReport, role=ADMINISTRATOR)
@log
@actor_required
async def settle_report(
    services: Services, session: Session, actor: Actor, request: SettleReport
) -> Reply:
    """Close a report, or all about the same."""
    number = request.report
    count = await services.audit.act(
        actor,
        "admin_settle",
        str(number),
        report_store.settle,
        number,
        actor.name,
        request.note,
        others=request.others,
    )
    words = (
        N_("Report {number} is closed, and so many others about the same: {count}")
        if count
        else N_("Report {number} is closed")
    )
    return Reply(200, alert=localized(session, words, number=number, count=count))


def _entry(row: ReportRow) -> ReportEntry:
    return ReportEntry(
        report=row.id,
        reporter=row.reporter,
        account_name=row.account_name,
        room=row.room,
        reason=row.reason,
        messages=row.messages,
        created=row.created_at,
        closed=row.closed_at,
        closed_by=row.closed_by or "",
        others=row.others,
    )
