"""The messages and bytes that each account has sent: counted by sessions, gathered here."""

from collections.abc import Iterator
from itertools import islice

from messenger.server.records import Account, Session
from messenger.server.sessions import Sessions
from messenger.server.store.statistics import Sent

_AT_ONCE = 500  # accounts in one transaction: messages must not wait for more


class Usage:
    """Gathers what sessions have sent, in all (`messages`, `bytes` since the start) and by account.

    A message costs its session two additions (`Delivery`), and nothing here.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._ended: list[tuple[Session, Account]] = []
        self._unstored: dict[int, Sent] = {}
        self.messages = 0
        self.bytes = 0
        sessions.when_logged_out(self._logged_out)

    def gather(self) -> None:
        """Take over what sessions have counted."""
        ended, self._ended = self._ended, []
        for session, account in ended:
            self._logged_out(session, account)
        for session in self._sessions:
            if session.sent_messages and session.account is not None:
                self._take(session, session.account)

    def unstored(self) -> Iterator[list[Sent]]:
        """Yield what was gathered and is not stored, some accounts at a time.

        Whoever stores them says so by `stored`, or the next call yields them again.
        """
        rows = iter(list(self._unstored.values()))
        while some := list(islice(rows, _AT_ONCE)):
            yield some

    def stored(self, rows: list[Sent]) -> None:
        """Forget what was stored; what was gathered meanwhile stays."""
        for row in rows:
            now = self._unstored.pop(row.account_id)
            if now != row:
                left = now.messages - row.messages, now.bytes - row.bytes
                self._unstored[row.account_id] = Sent(row.account_id, *left)

    def _logged_out(self, session: Session, account: Account) -> None:
        self._take(session, account)
        if session.outstanding:
            # Its last messages are being committed, and will be counted then.
            self._ended.append((session, account))

    def _take(self, session: Session, account: Account) -> None:
        messages, size = session.sent_messages, session.sent_bytes
        # A guest has an id once something of it is stored.
        if not messages or account.id is None:
            return
        session.sent_messages = session.sent_bytes = 0
        self.messages += messages
        self.bytes += size
        before = self._unstored.get(account.id, Sent(account.id, 0, 0))
        self._unstored[account.id] = Sent(
            account.id, before.messages + messages, before.bytes + size
        )
