"""A conversation line by line: what comes is shown, what is written goes out."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator

from messenger.console.commands import Usage, run_command
from messenger.console.lines import message_line, person_line, visible, when
from messenger.console.login import Keys, NoLogin
from messenger.jim.errors import ProtocolError
from messenger.jim.events import ContactChanged, RoomChanged, TypingNotice
from messenger.jim.names import EVERYONE
from messenger.jim.requests import Typing
from messenger.language import N_, _, ngettext
from messenger.sdk.client import Client
from messenger.sdk.errors import LinkLost, NotOnline, StoreUnusable
from messenger.sdk.events import LinkState, MessageChanged, MessageReceived, StateChanged
from messenger.sdk.store import MessageState, StoredMessage

_logger = logging.getLogger("messenger.client")

_TYPING_SHOWN = 6.0
_TYPING_SAID_EVERY = 4.0
_OPENING = 10
_FETCH_TIMEOUT = 10.0


class Chat:
    """One user at a terminal; `current` is the conversation that lines go to.

    `show` prints a line, and may be called from any thread. Lines are taken in one thread with
    `take`; what the server says is shown from the client's.
    """

    def __init__(
        self,
        client: Client,
        show: Callable[[str], None],
        keys: Keys,
        *,
        to: str = EVERYONE,
        password_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.client = client
        self.show = show
        self.keys = keys
        self.current = to
        self.leaving = False
        self.password_changed = password_changed
        self._typing: dict[str, tuple[str, float]] = {}
        self._said_typing = 0.0
        self._last_own: StoredMessage | None = None
        self._away_since: float | None = None
        self._said_kept = False
        client.on(MessageReceived)(self._message_received)
        client.on(MessageChanged)(self._message_changed)
        client.on(StateChanged)(self._state_changed)
        client.on(ContactChanged)(self._contact_changed)
        client.on(RoomChanged)(self._room_changed)
        client.on(TypingNotice)(self._typing_noticed)

    @property
    def me(self) -> str:
        """The user's own name."""
        return self.client.core.credentials.name

    # --- what the user does --------------------------------------------------------------------

    def run(self, lines: Iterable[str]) -> None:
        """Take lines until there are no more, or one of them ends it."""
        for line in lines:
            self.take(line)
            if self.leaving:
                break

    def take(self, line: str) -> None:
        """Take one line: a command, or a text (a doubled slash begins a text with one)."""
        line = line.strip()
        if not line:
            return
        try:
            if line.startswith("//"):
                self.write(self.current, line[1:])
            elif line.startswith("/"):
                run_command(self, line)
            else:
                self.write(self.current, line)
        except LinkLost:
            self.show(_("The server does not answer: it is not known whether it heard this."))
        except NotOnline:
            self.show(_("The server is away, and this needs it. Texts are kept, and sent later."))
        except (ProtocolError, Usage, NoLogin, StoreUnusable) as error:
            _logger.info("Refused: %s", error)
            self.show(visible(str(error)))
        except OSError as error:
            _logger.warning("%s", error)
            self.show(visible(f"{error.filename}: {error.strerror}"))

    def write(self, to: str, text: str) -> None:
        """Write to a person or a room."""
        self._last_own = self.client.send_text(to, text)
        if self.client.core.state is not LinkState.ONLINE and not self._said_kept:
            self._said_kept = True
            self.show(_("The server is away: this is kept, and sent when it is there again."))
        if to != self.current:
            self.show(message_line(self._last_own._replace(state=MessageState.SENT), self.me))

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

    def everything(self) -> Iterator[StoredMessage]:
        """Yield every message of the open conversation that is kept here, the oldest first."""
        pages = []
        page = self.client.store.page(self.current, limit=500)
        while page:
            pages.append(page)
            page = self.client.store.page(self.current, before=page[0], limit=500)
        for page in reversed(pages):
            yield from page

    def typed(self) -> None:
        """The user is writing: tell the other side, but not with every key."""
        now = time.monotonic()
        if now - self._said_typing > _TYPING_SAID_EVERY:
            self._said_typing = now
            self.client.post(Typing(to=self.current))

    def status(self) -> str:
        """Return what a status line shows."""
        state = _(_STATES[self.client.core.state])
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
        self.show(message_line(message, self.me))
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
            if self._away_since is not None:
                self.show(_("The server is there again."))
            self._away_since = None
            self._said_kept = False
        elif event.state is LinkState.OFFLINE and self._away_since is None:
            self._away_since = time.time()
            self.show(
                _(
                    "{reason}. Trying again by itself; what you write is kept.",
                    reason=visible(event.reason),
                )
            )
        elif event.state is LinkState.REFUSED and self._away_since is not None:
            reason = visible(event.reason)
            self.show(_("The server does not let you in: {reason}", reason=reason))

    def _contact_changed(self, event: ContactChanged) -> None:
        self.show(f"{when(event.time)} * {person_line(event.person)}")

    def _room_changed(self, event: RoomChanged) -> None:
        said = _(
            _ROOM_CHANGES[event.change],
            name=visible(event.account_name),
            room=visible(event.room),
            topic=visible(event.topic),
        )
        self.show(f"{when(event.time)} * {said}")

    def _typing_noticed(self, event: TypingNotice) -> None:
        if event.stopped:
            self._typing.pop(event.conversation, None)
        else:
            self._typing[event.conversation] = (event.from_, time.monotonic())


_STATES: dict[LinkState, str] = {
    LinkState.OFFLINE: N_("offline"),
    LinkState.CONNECTING: N_("connecting"),
    LinkState.GREETING: N_("connecting"),
    LinkState.ONLINE: N_("online"),
    LinkState.REFUSED: N_("not let in"),
    LinkState.CLOSED: N_("closed"),
}

_OWN: dict[MessageState, str] = {
    MessageState.UNSENT: N_("waits for the server"),
    MessageState.SENT: N_("✓ sent"),
    MessageState.DELIVERED: N_("✓✓ delivered"),
    MessageState.READ: N_("✓✓ read"),
    MessageState.FAILED: N_("✗ not sent"),
    MessageState.RECEIVED: "",
}

_ROOM_CHANGES: dict[str, str] = {
    "joined": N_("{name} has joined {room}"),
    "left": N_("{name} has left {room}"),
    "removed": N_("{name} was removed from {room}"),
    "invited": N_("{name} invites you to {room}: /join {room}"),
    "topic": N_("{name} says what {room} is about: {topic}"),
    "closed": N_("{room} is closed"),
}
