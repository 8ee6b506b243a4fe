"""A user who talks to nobody: a client that was never started, and an interface that remembers."""

from pathlib import Path

from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.profiles import Profile
from messenger.sdk.store import Store, StoredMessage
from messenger.ui.commands import run_command
from messenger.ui.conversation import ConversationController
from messenger.ui.notices import Notice
from tests.ui.answers import Answering


class Offline(ConversationController):
    """Does what commands want; `shown` is what the user has seen, `opened` where they went."""

    def __init__(
        self,
        data: Path,
        user: Answering | None = None,
        name: str = "Иван",
        client: Client | None = None,
    ) -> None:
        client = client or Client("127.0.0.1", 1, Credentials(name), Store())
        profile = Profile(data)
        profile.set_up("127.0.0.1", 1, name)
        super().__init__(client, profile, user or Answering())
        self.shown: list[str] = []
        self.opened: list[str] = []
        self.written: list[StoredMessage] = []

    def show(self, text: str) -> None:
        """Remember a text."""
        self.shown.append(text)

    def tell(self, notice: Notice) -> None:
        """Remember the text of a notice."""
        self.shown.append(notice.text)

    def show_help(self, usages: list[str]) -> None:
        """Remember how the commands are written."""
        self.shown += usages

    def open(self, name: str) -> None:
        """Go to a conversation."""
        self.opened.append(name)
        self.current = name

    def wrote(self, message: StoredMessage) -> None:
        """Remember a message."""
        self.written.append(message)

    def run(self, line: str) -> list[str]:
        """Run a command; return what it has shown. Raises Usage."""
        self.shown = []
        run_command(self, line)
        return self.shown
