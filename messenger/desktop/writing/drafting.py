"""The draft of the open conversation: loaded, stored at pauses, and shared between devices."""

from collections.abc import Callable, Iterable

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from messenger.desktop.bridge import Bridge
from messenger.sdk.client import Client
from messenger.sdk.store import ConversationSummary
from messenger.ui.drafts import Drafts
from messenger.ui.texts import is_command

_PAUSE = 1000
"""Milliseconds after the last key: each write of a draft is a commit to the local database."""


class Drafting(QObject):
    """Keeps the text of each conversation. Signals: `loaded` with a text to show.

    `conversation` is the open one. Tell it each change of the text by `changed`.
    """

    loaded = pyqtSignal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.conversation = ""
        self._text = ""
        self._drafts: Drafts | None = None
        self._others: set[str] = set()
        # What was typed in the first moment, before the drafts have been read.
        self._early: dict[str, str] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.pause_is_over)
        # All drafts are read before one is shown or stored: in the order of the writing thread.
        bridge.write(self._read, self._begin, owner=self)

    @property
    def is_ready(self) -> bool:
        """Whether the drafts have been read."""
        return self._drafts is not None

    def turn_to(self, conversation: str) -> None:
        """Store the draft, and load that of another conversation."""
        self.keep()
        self.share()
        self.conversation = conversation
        self._load(self.of(conversation))

    def changed(self, text: str) -> None:
        """The user has changed the text: it is stored at the next pause."""
        self._text = text
        self._pause.start()

    def of(self, conversation: str) -> str:
        """Return the draft of a conversation."""
        if self._drafts is None:
            return self._early.get(conversation, "")
        return self._drafts.of(conversation)

    def keep(self) -> None:
        """Store the text now."""
        self._pause.stop()
        if self.conversation:
            self._store(self.conversation, self._text)

    def sent(self) -> None:
        """The text is being sent: it is no draft any more."""
        self._text = ""
        self.keep()

    def share(self) -> None:
        """Share drafts with the user's other devices, without waiting for a pause."""
        if self._drafts is not None:
            self._drafts.share()

    def put_back(self, conversation: str, text: str) -> None:
        """Restore a text that could not be sent, before what was typed meanwhile."""
        if conversation == self.conversation:
            self._load("\n".join(filter(None, (text, self._text))))
            self.keep()
        else:
            others = self.of(conversation)
            self._store(conversation, "\n".join(filter(None, (text, others))))

    def take_rows(self, rows: Iterable[ConversationSummary]) -> None:
        """Take drafts of the user's other devices from changed rows of the list."""
        if self._drafts is None:
            return
        # These rows may be older than what was typed since: they are read anew, between two drafts.
        others = {row.name for row in rows if self._drafts.differs(row)}
        if others:
            self._others |= others
            self._read_others()

    # --- inside ----------------------------------------------------------------------------------

    def _read(self, client: Client) -> Drafts:
        def run(save: Callable[[], None]) -> None:
            self._bridge.write(lambda _client: save(), owner=self)

        return Drafts(client, run)

    def _store(self, conversation: str, text: str) -> None:
        if self._drafts is not None:
            self._drafts.keep(conversation, text)
        else:
            self._early[conversation] = text

    def _begin(self, drafts: Drafts) -> None:
        self._drafts = drafts
        for name, text in self._early.items():
            if text:
                drafts.keep(name, "\n".join(filter(None, (drafts.of(name), text))))
        draft = drafts.of(self.conversation)
        if not self._text:
            self._load(draft)
        elif draft and draft != self._text:
            self._load(f"{draft}\n{self._text}")

    def _load(self, text: str) -> None:
        self._text = text
        self.loaded.emit(text)

    def pause_is_over(self) -> None:
        """The user has paused: store the draft."""
        # Not a command, which may have a password.
        if not is_command(self._text):
            self.keep()

    def _read_others(self) -> None:
        drafts, names = self._drafts, list(self._others)
        if drafts is None:
            return
        self._others.clear()
        written = drafts.written

        def take(rows: list[ConversationSummary]) -> None:
            before = drafts.of(self.conversation)
            if not drafts.take(rows, written):
                self._others.update(names)
                self._read_others()
                return
            now = drafts.of(self.conversation)
            if self._text == before != now:
                self._load(now)

        self._bridge.write(lambda client: client.store.summaries(names), take, owner=self)
