"""A user's actions in any user interface: write, open conversations, change settings."""

from collections.abc import Iterator

from messenger.jim.names import EVERYONE
from messenger.sdk.client import Client
from messenger.sdk.profiles import Preferences, Profile
from messenger.sdk.store import MessageState, StoredMessage
from messenger.ui.errors import explain
from messenger.ui.export import stored_messages
from messenger.ui.notices import Notice
from messenger.ui.prompts import Prompter
from messenger.ui.typing import TypingSender
from messenger.ui.where import Where

_RESENDABLE = 50  # messages in which a failed one is looked for


class ConversationController:
    """One user at one client; a user interface implements how things are shown.

    `current` is the conversation that texts go to. `leaving`: the program is to end; `goodbye` is
    the text to show after that. `logged_out`: None, or once the user has logged out, whether the
    server knows. `where` says which settings there are.
    """

    where = Where.EVERYWHERE

    def __init__(
        self, client: Client, profile: Profile, prompter: Prompter, *, to: str = EVERYONE
    ) -> None:
        self.client = client
        self.profile = profile
        self.prompter = prompter
        self.current = to
        self.leaving = False
        self.goodbye = ""
        self.logged_out: bool | None = None
        self._typing_sender = TypingSender(client)

    @property
    def me(self) -> str:
        """The user's own name."""
        return self.client.core.credentials.name

    @property
    def preferences(self) -> Preferences:
        """The user's settings."""
        record = self.profile.record
        return record.preferences if record is not None else Preferences()

    # --- for the user interface to implement ---------------------------------------------------

    def show(self, text: str) -> None:
        """Show lines of the program; may be called from any thread."""
        raise NotImplementedError

    def refuse(self, text: str) -> None:
        """Show why a request of the user was refused."""
        self.show(text)

    def reason(self, error: Exception) -> str:
        """Return why a request was refused, as a sentence."""
        return explain(error)

    def tell(self, notice: Notice) -> None:
        """Show a notice with its actions."""
        raise NotImplementedError

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        raise NotImplementedError

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written."""
        raise NotImplementedError

    def show_history(self, count: int) -> None:
        """Show the last messages of the open conversation."""
        raise NotImplementedError

    def open(self, name: str) -> None:
        """Open a conversation: texts go there from now on."""
        raise NotImplementedError

    def wrote(self, message: StoredMessage) -> None:
        """Show a message that the user has written."""

    def preferences_changed(self) -> None:
        """Apply changed settings."""

    # --- what the user does --------------------------------------------------------------------

    def write(self, to: str, text: str) -> None:
        """Write to a person or a room; the draft of one that is not open stays."""
        self.wrote(self.client.send_text(to, text, keep_draft=to != self.current))

    def resend(self) -> StoredMessage | None:
        """Send the last failed message of the open conversation again; return it, None for none."""
        for message in reversed(self.client.store.page(self.current, limit=_RESENDABLE)):
            if message.state is MessageState.FAILED:
                return self.client.send_again(message)
        return None

    def typed(self) -> None:
        """The user is typing: send a typing notice, but not with every key."""
        self._typing_sender.typed(self.current)

    def prefer(self, preferences: Preferences) -> None:
        """Store and apply changed settings."""
        if self.profile.record is not None:
            self.profile.record.preferences = preferences
            self.profile.save()
            self.preferences_changed()

    # --- what is known -------------------------------------------------------------------------

    def made_password(self) -> str | None:
        """Return the password if it was generated for the user, who may not know it."""
        record = self.profile.record
        is_made = record is not None and record.password == "made"  # noqa: S105  a place
        return self.profile.password() if is_made else None

    def known_names(self) -> list[str]:
        """Return the names of stored conversations and contacts."""
        store = self.client.store
        names = [row.name for row in store.summaries()] + store.contacts()
        return list(dict.fromkeys(names))

    def everything(self) -> Iterator[StoredMessage]:
        """Return all stored messages of the open conversation, the oldest first."""
        return stored_messages(self.client.store, self.current)
