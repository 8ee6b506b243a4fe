"""Notices about the connection: lost, connected again, refused."""

from messenger.jim.errors import DeviceRemoved
from messenger.language import _
from messenger.output import visible
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.ui.errors import explain
from messenger.ui.notices import Do, Notice, NoticeAction


class ConnectionNotices:
    """Turns changes of state into notices: not each attempt, nor what the login itself reports."""

    def __init__(self) -> None:
        self._is_away = self._was_online = False

    def of(self, event: StateChanged) -> Notice | None:
        """Return the notice for a change; None if the user need not know."""
        was_away = self._is_away
        if event.state is ConnectionState.ONLINE:
            self._is_away, self._was_online = False, True
            return Notice(_("Connected again.")) if was_away else None
        if event.state is ConnectionState.OFFLINE:
            # Once per loss: each further attempt that fails is no news.
            self._is_away = True
            said = _(
                "{reason}. Reconnecting; messages you write will be sent later.",
                reason=_reason(event),
            )
            return None if was_away else Notice(said)
        return self._refused(event) if event.state is ConnectionState.REFUSED else None

    def _refused(self, event: StateChanged) -> Notice | None:
        if isinstance(event.error, DeviceRemoved) and self._was_online:
            return Notice(f"{_reason(event)}.", (NoticeAction(Do.LOG_IN_WITH_PASSWORD),))
        if self._is_away:
            return Notice(_("Login refused: {reason}", reason=_reason(event)))
        if self._was_online:
            return Notice(f"{_reason(event)}.", (NoticeAction(Do.LOG_IN),))
        # A refusal of the first login: the question that follows has the reason.
        return None


def _reason(event: StateChanged) -> str:
    return visible(explain(event.error))
