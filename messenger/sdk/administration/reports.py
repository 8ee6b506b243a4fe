"""Reports of users: list, show, close."""

from messenger.jim.admin.reports import (
    ListReports,
    ReportDetails,
    ReportsPage,
    SettleReport,
    ShowReport,
)
from messenger.sdk.administration.verbs import AdministrationVerbs


class ReportVerbs(AdministrationVerbs):
    """Verbs for reports."""

    def reports(
        self, *, closed: bool | None = False, before: int | None = None, limit: int = 100
    ) -> ReportsPage:
        """Return open reports, closed ones, or (None) all, the latest first."""
        return self.ask(ListReports(closed=closed, before=before, limit=limit))

    def report(self, number: int) -> ReportDetails:
        """Return a report with the messages that its reporter shows."""
        return self.ask(ShowReport(report=number))

    def close_report(self, number: int, note: str = "", *, others: bool = False) -> str:
        """Close a report, and `others` about the same; the note is written to the audit log."""
        return self._do(SettleReport(report=number, note=note, others=others))
