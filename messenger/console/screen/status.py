"""The lines above and below the messages: title, recipient, status."""

import math
import time

from rich.text import Text
from textual.widgets import Static

from messenger.console.screen.colours import Palette
from messenger.jim.names import is_room
from messenger.language import _, ngettext
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.store import ConversationSummary, IdentityTrust
from messenger.ui.wording import connection_state_name, server_name, trust_name, why_not_encrypted


class TitleLine(Static):
    """The open conversation, its encryption, and its topic."""

    def __init__(self) -> None:
        super().__init__(id="title", markup=False)

    def show(self, name: str, row: ConversationSummary | None, palette: Palette) -> None:
        """Show it; `row` is None if it is not stored."""
        shown = Text(visible(name), "bold", no_wrap=True).append(" · ", "not bold dim")
        shown.append_text(security_of(name, row, palette))
        if row is not None and row.topic:
            shown.append(f" - {visible(row.topic)}", "not bold")
        self.update(shown)


class TargetLine(Static):
    """The line above the input field: where a text goes, and whether it is encrypted."""

    def __init__(self) -> None:
        super().__init__(id="target", markup=False)
        self._shown: tuple[str, ConversationSummary | None, Palette] | None = None

    def show(self, name: str, row: ConversationSummary | None, palette: Palette) -> None:
        """Show it; `row` is None if the conversation is not stored."""
        self._shown = (name, row, palette)
        to = Text(_("to {name}", name=visible(name)), no_wrap=True)
        lock = security_of(name, row, palette, briefly=True)
        width = max(12, self.size.width)
        to.truncate(width - lock.cell_len - 9, overflow="ellipsis")
        line = Text("── ", no_wrap=True).append_text(to).append(" · ").append_text(lock).append(" ")
        self.update(line.append("─" * max(0, width - line.cell_len)))

    def on_resize(self) -> None:
        """Fit it to the new width."""
        if self._shown is not None:
            self.show(*self._shown)


class StatusLine(Static):
    """The connection, the user and server, unread counts, and who is typing."""

    def __init__(self, client: Client) -> None:
        super().__init__(id="status", markup=False)
        self._core = client.core
        self._trust = client.trust
        self._server = server_name(client.address, client.port, briefly=True)
        self._retry_at: float | None = None
        self._shown = ""

    def take(self, event: StateChanged) -> None:
        """The state of the connection has changed."""
        self._retry_at = event.retry_at

    def show(self, unread: int, online: int | None, writer: str | None) -> None:
        """Show it; `unread` counts other conversations, `online` members of the open one."""
        parts = [self._state(), self._who()]
        if writer:
            parts.append(_("{name} is writing", name=visible(writer)))
        if unread:
            parts.append(ngettext("{count} unread", "{count} unread", unread))
        if online is not None:
            parts.append(ngettext("{count} online", "{count} online", online))
        parts.append(visible(self._server))
        # It is called every second, and an update lays out the whole screen.
        if (line := " · ".join(parts)) != self._shown:
            self._shown = line
            self.update(line)

    def _state(self) -> str:
        core = self._core
        state = connection_state_name(core.state)
        if core.state is ConnectionState.ONLINE and self._trust.encrypts:
            return f"{state} (TLS)"
        if core.state is ConnectionState.OFFLINE and self._retry_at is not None:
            # Rounded up, so that it is not "0 s" before the attempt begins.
            left = max(0, math.ceil(self._retry_at - time.time()))
            state += ngettext(", next try in {count} s", ", next try in {count} s", left)
        return state

    def _who(self) -> str:
        name = visible(self._core.credentials.name)
        return name + " " + _("(guest)") if self._core.is_guest else name


def security_of(
    name: str, row: ConversationSummary | None, palette: Palette, *, briefly: bool = False
) -> Text:
    """Return whether a conversation is encrypted: in words, with a symbol and a colour."""
    if row is None or not row.encrypted:
        said = _("not encrypted") if briefly else why_not_encrypted(name, row)
        return Text(said, f"not bold {palette.open}", no_wrap=True)
    said = _("encrypted") + " 🔒"
    if not is_room(name) and not briefly:
        said = _("encrypted") + ", " + trust_name(row.trust or IdentityTrust.UNVERIFIED) + " 🔒"
    changed = row.trust is IdentityTrust.CHANGED
    return Text(said, f"not bold {palette.failed if changed else palette.encrypted}", no_wrap=True)
