"""The server's figures: now, and over a time."""

from messenger.jim.admin.stats import Range, ReadStats, ServerStats
from messenger.sdk.administration.verbs import AdministrationVerbs


class StatisticsVerbs(AdministrationVerbs):
    """Verbs for figures."""

    def stats(self, range: Range | None = None) -> ServerStats:
        """Return the figures of now, and with a range those of the last hour, day, month, year."""
        return self.ask(ReadStats(range=range))
