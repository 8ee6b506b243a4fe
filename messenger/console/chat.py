"""A chat line by line: prints received messages, sends typed lines."""

import threading
from collections.abc import Callable, Iterable
from typing import get_args

from messenger.console.controller import ConsoleController
from messenger.console.notice_lines import explain
from messenger.jim.names import EVERYONE
from messenger.language import _, ngettext
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import (
    ConnectionState,
    CoreEvent,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    StateChanged,
)
from messenger.sdk.profiles import Profile
from messenger.sdk.store import ConversationSummary, IdentityTrust, MessageState, StoredMessage
from messenger.ui.blocked import masked
from messenger.ui.history import History, wait_until_synced
from messenger.ui.prompts import Prompter
from messenger.ui.wording import (
    connection_state_name,
    empty_text,
    message_line,
    message_state_name,
    preview,
)

_OPENING = 10
"""Messages that are shown of a conversation that is opened."""
_FETCH_TIMEOUT = 10.0
_SYNC_TIMEOUT = 3.0
_UNANSWERED = 5.0
"""Seconds without a reply after which the user is warned: a printed line looks sent."""


class Chat(ConsoleController):
    """A user at a terminal that shows lines.

    `show` prints a line, and may be called from any thread. One thread calls `take` with lines;
    events of the client are shown from the client's thread.
    """

    def __init__(
        self,
        client: Client,
        show: Callable[[str], None],
        profile: Profile,
        prompter: Prompter,
        *,
        to: str = EVERYONE,
    ) -> None:
        super().__init__(client, profile, prompter, to=to)
        self._show = show
        self._history = History(client, _FETCH_TIMEOUT)
        self._last_own: StoredMessage | None = None
        self._said_queued = False
        # Guards `_elsewhere` (sent to other conversations, without a reply yet) and `_held`
        # (received before `begin`): the user's thread and the client's use both.
        self._guard = threading.RLock()
        self._elsewhere: dict[int, StoredMessage] = {}
        self._watched: StoredMessage | None = None
        self._held: list[StoredMessage] | None = []
        client.on(MessageReceived)(self._message_received)
        client.on(MessageChanged)(self._message_changed)
        client.on(StateChanged)(self._state_changed)
        client.on(MessageDecrypted)(lambda event: self._show_received(event.message))
        for event in get_args(CoreEvent):
            client.on(event)(self._tell)

    def show(self, text: str) -> None:
        """Print a line."""
        self._show(text)

    # --- what the user does --------------------------------------------------------------------

    def begin(self) -> None:
        """Show the last messages, then new ones, in order though they arrive in another thread."""
        wait_until_synced(self.client, _SYNC_TIMEOUT)
        shown = {message.id for message in self._enter(self.current)}
        with self._guard:
            held, self._held = self._held or [], None
        for message in held:
            if message.id not in shown:
                self._show_received(message)

    def run(self, lines: Iterable[str]) -> None:
        """Process lines until the input or a command ends it."""
        for line in lines:
            self.take(line)
            if self.leaving:
                break

    def write(self, to: str, text: str) -> None:
        """Write to a person or a room."""
        with self._guard:
            # Guarded until it is noted: the reply may arrive before that, in the client's thread.
            super().write(to, text)

    def wrote(self, message: StoredMessage) -> None:
        """Note a written message; one to another conversation is shown once it is sent."""
        self._last_own = message
        if message.conversation != self.current:
            self._elsewhere[message.id] = message
        if self.client.core.state is ConnectionState.ONLINE:
            self._watch(message)
        elif not self._said_queued:
            self._said_queued = True
            self.show(_("You are offline: your messages are queued, and sent later."))

    def open(self, name: str) -> None:
        """Open a conversation: lines go there from now on."""
        self._enter(name)

    def show_history(self, count: int) -> None:
        """Show the last messages of the open conversation, `count` or fewer."""
        self._show_page(count)

    def _enter(self, name: str) -> list[StoredMessage]:
        self.current = EVERYONE if name == "#" else name
        self.show(_("Now in {name}.", name=visible(self.current)))
        page = self._show_page(_OPENING)
        self.client.mark_read(self.current)
        return page

    def _show_page(self, count: int) -> list[StoredMessage]:
        page = self._history.last(self.current, count)
        for message in page:
            self.show(self._line(message))
        if not page and self.client.core.state is ConnectionState.ONLINE:
            self.show(empty_text(self.client, self.current))
        return page

    def status(self) -> str:
        """Return the text of the status line."""
        state = connection_state_name(self.client.core.state)
        who = visible(self.me) + (" " + _("(guest)") if self.client.core.is_guest else "")
        parts = [state, who, visible(self.current)]
        unsent = self.client.store.count_unsent()
        if unsent:
            parts.append(ngettext("{count} queued", "{count} queued", unsent))
        elif self._last_own is not None and self._last_own.conversation == self.current:
            parts.append(message_state_name(self._last_own.state))
        if writers := self.client.people.typing.in_conversation(self.current):
            parts.append(_("{name} is writing", name=visible(writers[0])))
        return " · ".join(parts)

    # --- events --------------------------------------------------------------------------------

    def _message_received(self, event: MessageReceived) -> None:
        message = event.message
        with self._guard:
            if self._held is not None:
                self._held.append(message)
                return
        self._show_received(message)

    def _show_received(self, message: StoredMessage) -> None:
        name = message.conversation
        row = self.client.store.summary(name)
        if row is not None and (row.muted or self._is_read_elsewhere(message, row)):
            return
        trust = self.client.keys.trust_of(message.sender)
        self.show(self._line(message, trust))
        if name == self.current:
            self.client.mark_read(name)

    def _line(self, message: StoredMessage, trust: IdentityTrust = IdentityTrust.UNKNOWN) -> str:
        return message_line(masked(message, self.client.people.blocked.names), self.me, trust)

    def _is_read_elsewhere(self, message: StoredMessage, row: ConversationSummary) -> bool:
        """Whether the user has read it on another device: a new one fetches all that there was."""
        is_read = message.seq is not None and message.seq <= row.read
        return is_read and message.conversation != self.current

    def _message_changed(self, event: MessageChanged) -> None:
        message = event.message
        if self._last_own is not None and message.id == self._last_own.id:
            self._last_own = message
        # Queued again by the user: no answer of the server.
        if message.state is MessageState.UNSENT:
            return
        with self._guard:
            self._answered(message)
            elsewhere = self._elsewhere.pop(message.id, None)
        if message.state is MessageState.FAILED:
            self.show(self.explain_failure(event))
        elif elsewhere is not None:
            self.show(message_line(message, self.me))

    def _watch(self, message: StoredMessage) -> None:
        """Warn the user if the server does not answer a message, which looks sent."""
        if self._watched is None:
            self._watched = message
            self._timer = threading.Timer(_UNANSWERED, self._tell_if_unanswered)
            self._timer.daemon = True  # or the program could not end before it
            self._timer.start()

    def _answered(self, message: StoredMessage) -> None:
        if self._watched is not None and self._watched.id == message.id:
            self._watched = None
            self._timer.cancel()

    def _tell_if_unanswered(self) -> None:
        message, self._watched = self._watched, None
        if message is not None and self.client.core.state is ConnectionState.ONLINE:
            text = preview(message.text)
            self.show(_("No answer from the server yet: “{text}” is not sent.", text=text))

    def _state_changed(self, event: StateChanged) -> None:
        if event.state is ConnectionState.ONLINE:
            self._said_queued = False
        if text := self.explain_state(event):
            self.show(text)

    def _tell(self, event: object) -> None:
        if text := explain(event, self.me):
            self.show(text)
