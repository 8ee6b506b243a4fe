"""The log of the server, and the examination of it and its machine."""

import time
from collections.abc import Iterator

from messenger.jim.admin.doctor import DoctorCheck, Examination, Examine
from messenger.jim.admin.log import LogLevel, LogPage, ReadLog
from messenger.sdk.administration.verbs import AdministrationVerbs

_PAUSE = 0.3  # seconds between two looks: nobody sees more, and the server has other things to do


class MachineVerbs(AdministrationVerbs):
    """Verbs for what the server writes about itself."""

    def log(
        self, level: LogLevel = "DEBUG", text: str = "", *, limit: int = 100, after: str = ""
    ) -> LogPage:
        """Return the last records of the log, or those `after` an earlier page (its `next`)."""
        return self.ask(ReadLog(level=level, text=text, limit=limit, after=after))

    def follow_log(
        self, level: LogLevel = "DEBUG", text: str = "", after: str = ""
    ) -> Iterator[LogPage]:
        """Yield pages with new records, as they are written; it never ends by itself."""
        while True:
            page = self.log(level, text, limit=500, after=after)
            after = page.next
            if page.records:
                yield page
            time.sleep(_PAUSE)

    def examination(self, *, start: bool = False, number: int = 0, after: int = 0) -> Examination:
        """Return the checks of the last examination, or of one that is begun now, at once.

        `after` counts those that are known of the examination with that `number`. As long as it is
        running, more will come.
        """
        return self.ask(Examine(start=start, number=number, after=after))

    def doctor(self) -> Iterator[DoctorCheck]:
        """Examine the server, and yield each check as it is made; it may take some minutes."""
        found = self.examination(start=True)
        known = 0
        while True:
            yield from found.checks
            if not found.running:
                return
            number, known = found.number, known + len(found.checks)
            time.sleep(_PAUSE)
            found = self.examination(number=number, after=known)
            if found.number != number:  # another one was begun meanwhile
                known = 0
