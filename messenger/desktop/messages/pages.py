"""The open conversation: loads its messages page by page, and shows what happens in it."""

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from messenger.desktop.bridge import Bridge, Task
from messenger.desktop.messages.happenings import Happenings, sorted_out
from messenger.desktop.messages.reading import (
    Around,
    Opened,
    Refreshed,
    fetch_older,
    read_nothing,
    read_opened,
    refresh,
)
from messenger.desktop.messages.view import MessageView
from messenger.jim.names import is_room
from messenger.sdk.store import StoredMessage
from messenger.ui.errors import explain
from messenger.ui.history import History, Newer, Older

_GATHERED = 300
"""Milliseconds for which reasons to read the trust in senders anew are gathered."""
_LATE = 300
"""Milliseconds after which the last conversation is not shown any more while another one loads."""


class ConversationPages(QObject):
    """Fills a MessageView. Signals: `opened` (name), once a conversation is shown.

    `name` is the open conversation, empty before the first one. Events are passed to `take`, what
    the user has written to `written`. The newest message is read once it is in sight in an active
    window. It has a method for each thing that opens, loads or happens.
    """

    opened = pyqtSignal(str)

    def __init__(self, bridge: Bridge, view: MessageView) -> None:
        super().__init__(view)
        self.name = ""
        self._bridge = bridge
        self._view = view
        self._model = view.rows_model
        self._tasks: dict[str, Task] = {}
        self._is_shown = False
        self._is_watched = False
        self._has_unread = False
        self._is_older_refused = False
        self._early: list[Any] = []
        self._beyond: list[StoredMessage] = []
        self._refresh_timer = QTimer(self)
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.setInterval(_GATHERED)
        self._refresh_timer.timeout.connect(self._refresh)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_LATE)
        self._late.timeout.connect(self._show_nothing)
        view.older_wanted.connect(self._load_older)
        view.newer_wanted.connect(self._load_newer)
        view.newest_wanted.connect(lambda: self.open(self.name, at_end=True))
        view.at_end_changed.connect(self._mark_read_if_seen)
        view.shown_again.connect(self._mark_read_if_seen)
        bridge.happened.connect(self.take)

    # --- opening ---------------------------------------------------------------------------------

    def open(self, name: str, around: Around = None, *, at_end: bool = False) -> None:
        """Open a conversation where unread messages begin, or around a message or its id."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self.name = name
        self._is_shown = self._is_older_refused = False
        self._early, self._beyond = [], []

        def read(client: Any) -> Opened:
            return read_opened(client, name, around, at_end=at_end)

        def show(found: Opened) -> None:
            self._late.stop()
            self._show(found, around)

        self._tasks["open"] = self._bridge.read(read, show, owner=self, failed=self._not_opened)
        self._late.start()

    def _show_nothing(self) -> None:
        """Show no messages: those of the last conversation must not stand below another name."""
        self._model.open([])
        self._view.show_empty("")
        self._view.loading.show()

    def _not_opened(self, error: Exception) -> None:
        self._late.stop()
        self.name = ""  # Whoever opens it again tries again.
        self._model.open([])
        self._view.loading.hide()
        self._view.show_empty(explain(error))

    def show_message(self, message: StoredMessage) -> None:
        """Show a message in its place and highlight it, in whatever conversation it is."""
        is_here = message.conversation == self.name and self._is_shown
        if not (is_here and self._view.show_message(message.id)):
            self.open(message.conversation, message)

    def _show(self, found: Opened, around: Around) -> None:
        window, view = found.window, self._view
        row = window.row
        has_unread = row is not None and row.unread > 0
        self._has_unread = has_unread
        self._model.trust(found.trusts)
        self._model.open(
            window.page,
            row.read if has_unread and row is not None else None,
            is_room=is_room(self.name),
            is_encrypted=row is not None and row.encrypted,
            is_start=window.is_start,
            has_newer=window.has_newer,
        )
        view.show_empty(found.nothing)
        view.loading.setVisible(found.is_loading)
        if around is None:
            view.show_unread()
        elif (key := _key_of(around)) is not None:
            view.show_message(key)
        self._is_shown = True  # Not before: the end was in sight for a moment.
        early, self._early = self._early, []
        self.take(early)
        view.want_pages()
        self._mark_read_if_seen()
        self.opened.emit(self.name)

    # --- pages -----------------------------------------------------------------------------------

    def _load_older(self) -> None:
        if not self._may_load("older") or self._model.timeline.is_whole or self._is_older_refused:
            return
        name, first = self.name, next(iter(self._model.messages), None)

        def read(client: Any) -> Older:
            return History(client).stored_older(name, first)

        def show(older: Older) -> None:
            if older.page or older.is_start:
                self._show_older(older)
            else:
                self._fetch_older(name, first)

        self._begin("older", self._bridge.read, read, show)

    def _fetch_older(self, name: str, first: StoredMessage | None) -> None:
        def fetch(client: Any) -> Older:
            return fetch_older(client, name, first)

        self._view.loading.show()
        self._begin("older", self._bridge.request, fetch, self._show_older)

    def _show_older(self, older: Older) -> None:
        self._view.loading.hide()
        # Neither a page nor the start: offline, or the server refuses. The next connection helps.
        self._is_older_refused = not older.page and not older.is_start
        self._model.add_older(older.page, is_start=older.is_start)
        if not self._model.messages:
            self._look_why_empty()

    def _load_newer(self) -> None:
        if not self._may_load("newer") or not self._model.has_newer or not self._model.messages:
            return
        name, last = self.name, self._model.messages[-1]
        self._beyond = []  # What is stored by now is part of the page, or of a later one.

        def read(client: Any) -> Newer:
            return History(client).newer(name, last)

        def show(newer: Newer) -> None:
            self._model.add_newer(newer.page, has_newer=newer.has_newer)
            if not newer.has_newer:
                self._model.add(self._beyond)
                self._beyond = []

        self._begin("newer", self._bridge.read, read, show)

    def _may_load(self, what: str) -> bool:
        return self._is_shown and what not in self._tasks

    def _begin(
        self, what: str, begin: Callable[..., Task], work: Callable[[Any], Any],
        then: Callable[[Any], None],
    ) -> None:  # fmt: skip
        """Run a task of which there is one at a time."""

        def done(found: Any) -> None:
            self._tasks.pop(what, None)
            then(found)

        def failed(_error: Exception) -> None:
            self._tasks.pop(what, None)
            self._view.loading.hide()

        self._tasks[what] = begin(work, done, owner=self, failed=failed)

    def _look_why_empty(self) -> None:
        name = self.name

        def show(found: tuple[str, bool]) -> None:
            if not self._model.messages:
                self._view.show_empty(found[0])
                self._view.loading.setVisible(found[1])

        self._begin("why", self._bridge.read, lambda client: read_nothing(client, name), show)

    # --- what happens ----------------------------------------------------------------------------

    def take(self, events: Sequence[Any]) -> None:
        """Show events of the client."""
        if not self.name:
            return
        if not self._is_shown:
            self._early += events
            return
        happenings = sorted_out(events, self.name, self._bridge.me)
        self._add(happenings.received)
        if happenings.changed:
            self._model.change(happenings.changed.values())
        if happenings.notes:
            self._model.note(*happenings.notes)
        if happenings.is_encrypted is not None:
            self._model.encrypt(is_encrypted=happenings.is_encrypted)
        if happenings.may_change_trust and not self._refresh_timer.isActive():
            self._refresh_timer.start()
        self._take_connection(happenings)

    def _take_connection(self, happenings: Happenings) -> None:
        if happenings.is_lost:
            self.open(self.name)
        elif happenings.is_online:
            self._is_older_refused = False
            if not self._model.messages:
                self._load_older()
        if happenings.has_changed and not self._model.messages and "older" not in self._tasks:
            self._look_why_empty()

    def _add(self, messages: list[StoredMessage]) -> None:
        if not messages:
            return
        view, model = self._view, self._model
        view.loading.hide()
        others = [one for one in messages if one.sender != model.me]
        self._has_unread |= bool(others)
        if model.has_newer:
            if "newer" in self._tasks:  # Its page may have been read before they arrived.
                self._beyond += messages
            view.count_new(len(messages))
            return
        is_seen = self._is_seen
        if others and not is_seen and model.timeline.unread_after is None:
            numbers = [one.seq for one in model.messages if one.seq is not None]
            model.timeline.unread_after = max(numbers, default=0)
        if not model.messages:
            # It was empty because nothing had arrived yet: there may be older messages, too.
            model.timeline.is_whole = False
        count = model.add(messages, is_seen=is_seen, may_drop=view.follows)
        view.count_new(count)
        view.want_pages()
        self._mark_read_if_seen()

    def written(self, message: StoredMessage) -> None:
        """Show a message that the user has written here."""
        if message.conversation != self.name or not self._is_shown:
            return
        if self._model.has_newer:
            self.open(self.name, at_end=True)
            return
        self._model.end_unread()
        self._model.add([message], may_drop=True)  # Not this one: it is brought into sight.
        self._view.to_end()

    def resend(self, message_id: int) -> None:
        """Send a failed message again."""
        failed = self._model.message(message_id)
        if failed is not None:
            message: StoredMessage = failed
            self._bridge.write(
                lambda client: client.send_again(message),
                lambda again: self._model.change([again]),
                owner=self,
            )

    def scroll_back(self) -> None:
        """Scroll a page back, which loads older messages at the start."""
        self._view.scroll_page(-1)

    # --- what the user has seen ------------------------------------------------------------------

    @property
    def _is_seen(self) -> bool:
        """Whether the user sees the newest message now."""
        return self._is_watched and self._view.is_at_end and self._view.isVisible()

    def set_watched(self, is_watched: bool) -> None:
        """Note whether the user looks at the window."""
        self._is_watched = is_watched
        self._mark_read_if_seen()

    def _mark_read_if_seen(self, *_arguments: object) -> None:
        if self._has_unread and self._is_shown and self._is_seen:
            self._has_unread = False
            name = self.name
            self._bridge.write(lambda client: client.mark_read(name), owner=self)

    def _refresh(self) -> None:
        if not self._may_load("refresh") or not self._model.messages:
            return
        name, known = self.name, dict(self._model.trusts)
        first, count = self._model.messages[0], len(self._model.messages)

        def show(found: Refreshed | None) -> None:
            if found is not None:
                self._model.trust(found.trusts)
                self._model.change(found.messages)

        self._begin(
            "refresh",
            self._bridge.read,
            lambda client: refresh(client, name, known, first, count),
            show,
        )


def _key_of(around: Around) -> int | None:
    """Return the id of the message around which a conversation was opened."""
    return around.id if isinstance(around, StoredMessage) else around
