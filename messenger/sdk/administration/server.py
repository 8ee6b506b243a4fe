"""The server as a whole: notices to everyone, a restart, and the audit log."""

from messenger.jim.admin.audit import AuditPage, ReadAudit
from messenger.jim.admin.notice import SendNotice
from messenger.jim.admin.restart import Restarting, RestartServer
from messenger.sdk.administration.verbs import AdministrationVerbs


class ServerVerbs(AdministrationVerbs):
    """Verbs for the server as a whole."""

    def notice(self, text: str) -> str:
        """Send a text to everyone, as a message of the server in the common chat."""
        return self._do(SendNotice(text=text))

    def restart(self) -> Restarting:
        """Have the server end, and start anew with the settings as they are now.

        All connections end, this one, too; the server is back when it lets in another one. Raises
        Conflict if it would not start again, or not by itself.
        """
        return self.ask(RestartServer())

    def audit(
        self,
        *,
        actor: str = "",
        target: str = "",
        action: str = "",
        before: int | None = None,
        limit: int = 100,
    ) -> AuditPage:
        """Return what administrators have done, the latest first."""
        return self.ask(
            ReadAudit(actor=actor, target=target, action_name=action, before=before, limit=limit)
        )
