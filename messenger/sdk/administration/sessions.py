"""Sessions and logins: who is connected, and who was."""

from messenger.jim.admin.sessions import (
    EndSession,
    ListAllLogins,
    ListSessions,
    LoginsPage,
    SessionOrder,
    SessionsPage,
)
from messenger.sdk.administration.verbs import AdministrationVerbs


class SessionVerbs(AdministrationVerbs):
    """Verbs for sessions and logins."""

    def sessions(
        self,
        search: str = "",
        *,
        sort: SessionOrder = "account_name",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> SessionsPage:
        """Return a page of the connections, those with `search` in their accounts or addresses."""
        asked = ListSessions(
            search=search, sort=sort, descending=descending, offset=offset, limit=limit
        )
        return self.ask(asked)

    def end_session(self, number: int) -> str:
        """End one connection."""
        return self._do(EndSession(number=number))

    def logins(
        self, name: str = "", *, address: str = "", before: int | None = None, limit: int = 100
    ) -> LoginsPage:
        """Return logins, the latest first: of one account or all, from one address or any."""
        return self.ask(
            ListAllLogins(account_name=name, address=address, before=before, limit=limit)
        )
