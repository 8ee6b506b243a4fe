"""The lines at the top and the bottom: where one is; how it stands with link, others and time."""

import math
import time

from textual.widgets import Static

from messenger.console.lines import trust_name, visible
from messenger.console.talk import state_name
from messenger.jim.names import EVERYONE, is_room
from messenger.language import _, ngettext
from messenger.sdk.core import Core
from messenger.sdk.events import LinkState, StateChanged
from messenger.sdk.store import ConversationRow, Trust


class TitleLine(Static):
    """The open conversation, and what it is about."""

    def __init__(self) -> None:
        super().__init__(id="title", markup=False)

    def show(self, name: str, row: ConversationRow | None) -> None:
        """Show it; `row` is None if nothing is known of it."""
        topic = f" - {visible(row.topic)}" if row is not None and row.topic else ""
        lock = _("encrypted") if row is not None and row.sealed else _why_open(name, row)
        if row is not None and row.sealed and not is_room(name):
            lock += ", " + trust_name(row.trust or Trust.UNVERIFIED)
        self.update(f"{visible(name)} · {lock}{topic}")


class StatusLine(Static):
    """How the link is, who one is, what is unread elsewhere, who writes here, the time."""

    def __init__(self, core: Core, *, encrypts: bool) -> None:
        super().__init__(id="status", markup=False)
        self._core = core
        self._encrypts = encrypts
        self._retry_at: float | None = None

    def take(self, event: StateChanged) -> None:
        """The link has changed."""
        self._retry_at = time.monotonic() + event.retry_in if event.retry_in else None

    def show(self, unread: int, writer: str | None) -> None:
        """Show it; `unread` counts the other conversations."""
        core = self._core
        parts = [state_name(core.state), visible(core.credentials.name)]
        if core.state is LinkState.OFFLINE and self._retry_at is not None:
            left = max(0, math.ceil(self._retry_at - time.monotonic()))
            parts[0] += ngettext(", next try in {count} s", ", next try in {count} s", left)
        if core.is_guest:
            parts[-1] += " " + _("(guest)")
        if self._encrypts and core.state is LinkState.ONLINE:
            parts[0] += " (TLS)"
        if unread:
            parts.append(ngettext("{count} unread", "{count} unread", unread))
        if writer:
            parts.append(_("{name} is writing", name=visible(writer)))
        parts.append(time.strftime("%H:%M"))
        self.update(" · ".join(parts))


def _why_open(name: str, row: ConversationRow | None) -> str:
    """Return why the server can read a conversation."""
    if name == EVERYONE:
        return _("not encrypted: open to everyone")
    if row is not None and row.guest:
        return _("not encrypted: a guest has no keys")
    if row is not None and row.last is not None:
        return _("not encrypted: not everyone here can")
    return _("not encrypted yet")
