"""The verbs for reports, as the command line has them."""

import argparse

from messenger.admin.output import Shown, done, facts, moment, more, plain, table
from messenger.language import _
from messenger.output import visible
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import ReportEntry


def list_reports(server: Administration, options: argparse.Namespace) -> Shown:
    """Show reports, the latest first."""
    closed = None if options.all else options.closed
    found = server.reports(closed=closed, before=options.before, limit=options.limit)
    titles = (
        *(_("Number"), _("Time"), _("Reporter"), _("Reported"), _("Open reports"), _("Messages")),
        *(_("Closed by"), _("Reason")),
    )
    rows = [
        (
            *(str(one.report), moment(one.created), one.reporter),
            *(" ".join(filter(None, (one.account_name, one.room))), str(_open_about(one))),
            *(str(one.messages), one.closed_by, one.reason),
        )
        for one in found.reports
    ]
    return Shown([*table(titles, rows), *more(found.next)], plain(found))


def show_report(server: Administration, options: argparse.Namespace) -> Shown:
    """Show a report with the messages that its reporter has chosen to show."""
    found = server.report(options.number)
    report = found.report
    assert report is not None
    lines = facts(
        (_("Number"), str(report.report)),
        (_("Time"), moment(report.created)),
        (_("Reporter"), report.reporter),
        (_("Reported"), report.account_name),
        (_("Room"), report.room),
        (_("Reason"), report.reason),
        (_("Other open reports about the same"), str(report.others or "")),
        (_("Closed"), moment(report.closed)),
        (_("Closed by"), report.closed_by),
    )
    for one in found.messages:
        head = f"{moment(one.time)} {one.conversation} {one.from_}: "
        lines += ["", visible(head + one.text, lines=True)]
    return Shown(lines, plain(found))


def close_report(server: Administration, options: argparse.Namespace) -> Shown:
    """Close a report, or all about the same."""
    return done(server.close_report(options.number, options.note, others=options.others))


def _open_about(one: ReportEntry) -> int:
    """Return how many open reports are about the same, with this one."""
    return one.others + (one.closed is None)
