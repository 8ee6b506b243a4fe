"""Reports of users, as administrators list, read and close them."""

from typing import Annotated

from msgspec import Meta, Struct, field

from messenger.jim.admin.paging import Backward
from messenger.jim.base import Reply, Request
from messenger.jim.fields import Number
from messenger.jim.reports import ReportedMessage


class ReportEntry(Struct, omit_defaults=True, kw_only=True):
    """A report in a list; times are unix times.

    It is about `account_name` or `room`, or both. `messages` counts those that the reporter shows,
    `others` the other open reports about the same account, or else the same room.
    """

    report: Number
    reporter: str
    account_name: str = ""
    room: str = ""
    reason: str = ""
    messages: Number = 0
    created: float = 0
    closed: float | None = None
    closed_by: str = ""
    others: Number = 0


class ReportsPage(Reply):
    """The reply to `admin_reports`, the latest first; `next` is the `before` of the next page."""

    reports: list[ReportEntry] = field(default_factory=list)
    next: Number | None = None


class ListReports(Backward[ReportsPage], tag="admin_reports", kw_only=True):
    """List the open reports, the closed ones, or (`closed` null) all."""

    answer = ReportsPage
    closed: bool | None = False


class ReportDetails(Reply):
    """The reply to `admin_report`, with the messages that the reporter has chosen to show.

    That somebody has written them is the reporter's claim.
    """

    report: ReportEntry | None = None
    messages: list[ReportedMessage] = field(default_factory=list)


class ShowReport(Request[ReportDetails], tag="admin_report", kw_only=True):
    """Show one report."""

    answer = ReportDetails
    report: Number


class SettleReport(Request[Reply], tag="admin_settle", kw_only=True):
    """Close a report, and all `others` about the same if that is wanted.

    The `note`, what was done about it, is in the audit log.
    """

    report: Number
    others: bool = False
    note: Annotated[str, Meta(max_length=1_000)] = ""

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"SettleReport({self.report})"
