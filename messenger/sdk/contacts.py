"""The user's contacts, as the server lists them."""

from collections.abc import Callable

from messenger.jim.contacts import People, listed_in
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import ContactsChanged, CoreEvent
from messenger.sdk.link import Answer, Unanswered
from messenger.sdk.store import Store


class Contacts:
    """Keeps them in the local database.

    `are_asked_for` is False where a plain server cannot answer that.
    """

    def __init__(self, store: Store, tell: Callable[[CoreEvent], None]) -> None:
        self._store = store
        self._tell = tell
        self.are_asked_for = True

    def take(self, answer: Answer) -> None:
        """Take the answer of a server of ours."""
        if isinstance(answer, People) and answer.contacts is not None:
            self._keep(answer.contacts)

    def take_plain(self, answer: Answer) -> None:
        """Take the answer of a plain server, which may have none, or even hang up."""
        if isinstance(answer, ConnectionLost | Unanswered):
            self.are_asked_for = False
        elif isinstance(answer, People):
            self._keep(answer.contacts or listed_in(answer.alert))

    def _keep(self, names: list[str]) -> None:
        self._store.set_contacts(names)
        self._tell(ContactsChanged(tuple(names)))
