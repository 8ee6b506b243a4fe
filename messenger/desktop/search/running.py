"""One search at a time: its pages are read in threads, and the next key ends it."""

from PyQt6.QtCore import QObject, pyqtSignal

from messenger.desktop.bridge import Bridge, Task
from messenger.sdk.store import StoredMessage
from messenger.ui.errors import explain
from messenger.ui.message_search import FoundPage, search_page


class RunningSearch(QObject):
    """A search and its results so far, the latest first.

    `conversation` is None for a search in all. Signals: `begun`, when other words are searched for;
    `found`, with the messages of each page.
    """

    begun = pyqtSignal()
    found = pyqtSignal(list)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._task: Task | None = None
        self.conversation: str | None = None
        self.words = ""
        self.messages: list[StoredMessage] = []
        self.is_complete = True

    @property
    def is_running(self) -> bool:
        """Whether a page is being read."""
        return self._task is not None

    def begin(self, words: str) -> None:
        """Search for other words; nothing is found for empty ones."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.words = words.strip()
        self.messages = []
        self.is_complete = not self.words
        if self.words:
            self._read(None)
        self.begun.emit()

    def go_on(self) -> None:
        """Read the next page, unless there is none or one is being read."""
        if not self.is_complete and not self.is_running:
            self._read(self.messages[-1])

    def _read(self, before: StoredMessage | None) -> None:
        words, conversation = self.words, self.conversation
        self._task = self._bridge.read(
            lambda client: search_page(client.store, words, conversation, before),
            self._take,
            owner=self,
            failed=self._failed,
        )

    def _take(self, page: FoundPage) -> None:
        self._task = None
        self.is_complete = page.is_last
        self.messages += page.messages
        self.found.emit(page.messages)

    def _failed(self, error: Exception) -> None:
        self._task = None
        self.is_complete = True
        self.found.emit([])
        self._bridge.failed.emit(explain(error))
