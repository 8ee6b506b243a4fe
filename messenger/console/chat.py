"""A conversation line by line: what comes is shown, what is written goes out."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import get_args

from messenger.console.lines import message_line, visible
from messenger.console.login import Keys
from messenger.console.talk import Talk, explain, state_name
from messenger.jim.events import TypingNotice
from messenger.jim.names import EVERYONE
from messenger.language import N_, _, ngettext
from messenger.sdk.client import Client
from messenger.sdk.events import (
    CoreEvent,
    LinkState,
    MessageChanged,
    MessageOpened,
    MessageReceived,
    StateChanged,
)
from messenger.sdk.profiles import Profile
from messenger.sdk.store import MessageState, StoredMessage

_TYPING_SHOWN = 6.0
_OPENING = 10
_FETCH_TIMEOUT = 10.0


class Chat(Talk):
    """A user at a terminal that shows lines.

    `show` prints a line, and may be called from any thread. Lines are taken in one thread with
    `take`; what the server says is shown from the client's.
    """

    def __init__(
        self,
        client: Client,
        show: Callable[[str], None],
        profile: Profile,
        keys: Keys,
        *,
        to: str = EVERYONE,
    ) -> None:
        super().__init__(client, profile, keys, to=to)
        self._show = show
        self._typing: dict[str, tuple[str, float]] = {}
        self._last_own: StoredMessage | None = None
        self._said_kept = False
        client.on(MessageReceived)(self._message_received)
        client.on(MessageChanged)(self._message_changed)
        client.on(StateChanged)(self._state_changed)
        client.on(TypingNotice)(self._typing_noticed)
        client.on(MessageOpened)(lambda event: self.show(message_line(event.message, self.me)))
        for event in get_args(CoreEvent):
            client.on(event)(self._tell)

    def show(self, text: str) -> None:
        """Print a line."""
        self._show(text)

    # --- what the user does --------------------------------------------------------------------

    def run(self, lines: Iterable[str]) -> None:
        """Take lines until there are no more, or one of them ends it."""
        for line in lines:
            self.take(line)
            if self.leaving:
                break

    def wrote(self, message: StoredMessage) -> None:
        """Note what was written; what goes elsewhere is shown, for nobody else would."""
        self._last_own = message
        if self.client.core.state is not LinkState.ONLINE and not self._said_kept:
            self._said_kept = True
            self.show(_("The server is away: this is kept, and sent when it is there again."))
        if message.conversation != self.current:
            self.show(message_line(message._replace(state=MessageState.SENT), self.me))

    def open(self, name: str) -> None:
        """Open a conversation: lines go there now."""
        self.current = EVERYONE if name == "#" else name
        self.show(_("You write to {name}.", name=visible(self.current)))
        self.show_history(_OPENING)
        self.client.mark_read(self.current)

    def show_history(self, count: int) -> None:
        """Show the last messages of the open conversation, as far back as there are."""
        page = self._page(count)
        for message in page:
            self.show(message_line(message, self.me))
        if not page:
            self.show(_("Nothing was said here yet."))

    def status(self) -> str:
        """Return what a status line shows."""
        state = state_name(self.client.core.state)
        who = visible(self.me) + (" " + _("(guest)") if self.client.core.is_guest else "")
        parts = [state, who, visible(self.current)]
        unsent = self.client.store.count_unsent()
        if unsent:
            parts.append(ngettext("{count} waits", "{count} wait", unsent))
        elif self._last_own is not None and self._last_own.conversation == self.current:
            parts.append(_(_OWN[self._last_own.state]))
        typing = self._typing.get(self.current)
        if typing and time.monotonic() - typing[1] < _TYPING_SHOWN:
            parts.append(_("{name} is writing", name=visible(typing[0])))
        return " · ".join(parts)

    def _page(self, count: int) -> list[StoredMessage]:
        """Return the last messages, fetching from the server what is not here."""
        store = self.client.store
        page = store.page(self.current, limit=count)
        while len(page) < count and self._fetch_older():
            page = store.page(self.current, limit=count)
        return page

    def _fetch_older(self) -> bool:
        """Fetch a page from the server; tell whether there was any."""
        fetched = threading.Event()
        counts = []

        def done(count: int) -> None:
            counts.append(count)
            fetched.set()

        self.client.fetch_older(self.current, done)
        return fetched.wait(_FETCH_TIMEOUT) and counts[0] > 0

    # --- what happens --------------------------------------------------------------------------

    def _message_received(self, event: MessageReceived) -> None:
        message = event.message
        name = message.conversation
        self._typing.pop(name, None)
        row = self.client.store.conversation(name)
        if row is not None and row.muted:
            return
        trust = self.client.keys.trust_of(message.sender)
        self.show(message_line(message, self.me, trust))
        if name == self.current:
            self.client.mark_read(name)

    def _message_changed(self, event: MessageChanged) -> None:
        message = event.message
        if self._last_own is not None and message.id == self._last_own.id:
            self._last_own = message
        if message.state is MessageState.FAILED:
            text = visible(message.text if len(message.text) < 60 else message.text[:59] + "…")
            name, reason = visible(message.conversation), visible(message.reason)
            self.show(
                _("Not sent to {name}: {reason} (“{text}”)", name=name, reason=reason, text=text)
            )

    def _state_changed(self, event: StateChanged) -> None:
        if event.state is LinkState.ONLINE:
            self._said_kept = False
        if text := self.explain_state(event):
            self.show(text)

    def _tell(self, event: object) -> None:
        if text := explain(event):
            self.show(text)

    def _typing_noticed(self, event: TypingNotice) -> None:
        if event.stopped:
            self._typing.pop(event.conversation, None)
        else:
            self._typing[event.conversation] = (event.from_, time.monotonic())


_OWN: dict[MessageState, str] = {
    MessageState.UNSENT: N_("waits for the server"),
    MessageState.SENT: N_("✓ sent"),
    MessageState.DELIVERED: N_("✓✓ delivered"),
    MessageState.READ: N_("✓✓ read"),
    MessageState.FAILED: N_("✗ not sent"),
    MessageState.RECEIVED: "",
}
