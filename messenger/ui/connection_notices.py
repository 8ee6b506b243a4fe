"""Notices about the connection: lost, connected again, refused."""

from math import ceil
from typing import NamedTuple

from messenger.jim.errors import DeviceRemoved
from messenger.language import _, ngettext
from messenger.output import visible
from messenger.sdk.errors import Unreachable
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.server_identity import ServerChanged
from messenger.ui.errors import explain
from messenger.ui.notices import Do, Notice, NoticeAction


class ConnectionLine(NamedTuple):
    """The state of the connection in a line; `can_retry` and `can_log_in` are what helps."""

    text: str
    can_retry: bool = False
    can_log_in: bool = False


def connection_line(event: StateChanged, now: float) -> ConnectionLine | None:
    """Return a line about the connection at a time (unix time); None while all is well."""
    if event.state in (ConnectionState.CONNECTING, ConnectionState.HANDSHAKE):
        return ConnectionLine(_("Connecting…"))
    if event.state is ConnectionState.REFUSED:
        said = _("Login refused: {reason}", reason=_reason(event)) if event.error else None
        # No login helps against another key of the server: a notice of its own explains that.
        can_log_in = not isinstance(event.error, ServerChanged)
        return ConnectionLine(said or _("Login refused"), can_log_in=can_log_in)
    if event.state is not ConnectionState.OFFLINE:
        return None
    head = _("No connection")
    if isinstance(event.error, Unreachable) and event.error.no_network:
        head = _("Waiting for a network")
    left = ceil(event.retry_at - now) if event.retry_at is not None else 0
    if left <= 0:
        return ConnectionLine(head, can_retry=True)
    said = ngettext(
        "{head}. Next attempt in {count} second",
        "{head}. Next attempt in {count} seconds",
        left,
        head=head,
    )
    return ConnectionLine(said, can_retry=True)


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
