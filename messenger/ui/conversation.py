"""What a user does, whatever shows it: writes, goes from one conversation to another, chooses."""

from collections.abc import Iterator
from itertools import chain

from messenger.jim.names import EVERYONE
from messenger.sdk.client import Client
from messenger.sdk.profiles import Preferences, Profile
from messenger.sdk.store import MessageState, StoredMessage
from messenger.ui.notices import Notice
from messenger.ui.prompts import Prompter
from messenger.ui.typing import TypingSender

_RESENDABLE = 50  # a message that failed is not looked for further back
_EXPORTED_AT_ONCE = 500


class ConversationController:
    """One user; `current` is the conversation that texts go to. An interface says how it is shown.

    `goodbye` is what the user is told when the program has ended, `leaving` that it is to end.
    """

    def __init__(
        self, client: Client, profile: Profile, prompter: Prompter, *, to: str = EVERYONE
    ) -> None:
        self.client = client
        self.profile = profile
        self.prompter = prompter
        self.current = to
        self.leaving = False
        self.goodbye = ""
        self._typing_sender = TypingSender(client)

    @property
    def me(self) -> str:
        """The user's own name."""
        return self.client.core.credentials.name

    @property
    def preferences(self) -> Preferences:
        """How the user likes it."""
        record = self.profile.record
        return record.preferences if record is not None else Preferences()

    # --- what an interface does ----------------------------------------------------------------

    def show(self, text: str) -> None:
        """Show lines of the program's own; may be called from any thread."""
        raise NotImplementedError

    def tell(self, notice: Notice) -> None:
        """Show a notice, with what can be done about it."""
        raise NotImplementedError

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        raise NotImplementedError

    def show_help(self, usages: list[str]) -> None:
        """Show how the commands are written."""
        raise NotImplementedError

    def show_history(self, count: int) -> None:
        """Show the last messages of the open conversation."""
        raise NotImplementedError

    def open(self, name: str) -> None:
        """Open a conversation: texts go there now."""
        raise NotImplementedError

    def wrote(self, message: StoredMessage) -> None:
        """Show a message that was written."""

    def preferences_changed(self) -> None:
        """Look as the user wants it to."""

    # --- what the user does --------------------------------------------------------------------

    def write(self, to: str, text: str) -> None:
        """Write to a person or a room."""
        self.wrote(self.client.send_text(to, text))

    def resend(self) -> StoredMessage | None:
        """Send the last message here that failed once more; return it, None if there is none."""
        for message in reversed(self.client.store.page(self.current, limit=_RESENDABLE)):
            if message.state is MessageState.FAILED:
                return self.client.send_again(message)
        return None

    def typed(self) -> None:
        """The user is writing: tell the other side, but not with every key."""
        self._typing_sender.typed(self.current)

    def prefer(self, preferences: Preferences) -> None:
        """Keep what the user has chosen."""
        if self.profile.record is not None:
            self.profile.record.preferences = preferences
            self.profile.save()
            self.preferences_changed()

    # --- what is known -------------------------------------------------------------------------

    def made_password(self) -> str | None:
        """Return the password if it was made up for the user, who may not know it."""
        record = self.profile.record
        is_made = record is not None and record.password == "made"  # noqa: S105  a place
        return self.profile.password() if is_made else None

    def known_names(self) -> list[str]:
        """Return the names of the people and rooms that are known on this computer."""
        store = self.client.store
        names = [row.name for row in store.conversations()] + store.contacts()
        return list(dict.fromkeys(names))

    def everything(self) -> Iterator[StoredMessage]:
        """Yield every message of the open conversation that is kept here, the oldest first."""
        pages = []
        page = self.client.store.page(self.current, limit=_EXPORTED_AT_ONCE)
        while page:
            pages.append(page)
            page = self.client.store.page(self.current, before=page[0], limit=_EXPORTED_AT_ONCE)
        seen: set[int] = set()
        for message in chain.from_iterable(reversed(pages)):
            # One that was sent meanwhile has got another place, before what was read already.
            if message.id not in seen:
                seen.add(message.id)
                yield message
