"""Finders for conversations, people, rooms and messages.

A finder returns (id, line) for each result that matches the text typed so far, or None if something
has to be typed first. It blocks on the database and the server: not for the thread that draws.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice

from messenger.jim.errors import ProtocolError
from messenger.jim.names import is_room
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.results import Room
from messenger.sdk.store import IdentityTrust, Store, StoredMessage
from messenger.ui.conversation_list import matching
from messenger.ui.message_search import search_page
from messenger.ui.rooms import all_rooms
from messenger.ui.wording import message_line, room_line, trust_mark

Finder = Callable[[str], list[tuple[str, str]] | None]

_PATIENCE = 5.0
"""Seconds for an answer: without it local results are shown."""
_MAX_ROOMS = 2000


def conversations(names: Callable[[], Iterable[str]], store: Store) -> Finder:
    """Find conversations and contacts by a part of the name; the id is the name."""

    def find(words: str) -> list[tuple[str, str]]:
        known = dict.fromkeys([*_conversations(names, store), *store.contacts()])
        return _lines(matching(known, words), store)

    return find


def people(names: Callable[[], Iterable[str]], client: Client) -> Finder:
    """Find people, stored ones and users of the server; the id is the name.

    The typed name can always be chosen, for the client may be offline.
    """
    store = client.store

    def find(words: str) -> list[tuple[str, str]]:
        words = words.strip()
        known = [*store.contacts(), *_conversations(names, store)]
        known = [name for name in known if not is_room(name)]
        found = dict.fromkeys([*matching(known, words), *_at_the_server(client, words)])
        lines = _lines(found, store)
        # The server lists only some names, so that a name that is not found may still exist.
        if words and words not in found and not is_room(words):
            lines.append((words, _("Write to {name}", name=visible(words))))
        return lines

    return find


def newcomers(client: Client) -> Finder:
    """Find people who are no contacts yet; the id is the name."""
    return _users(client, client.store.contacts, N_("Add {name}"))


def invitees(client: Client) -> Finder:
    """Find people to invite; the id is the name."""
    return _users(client, list, N_("Invite {name}"))


def _users(client: Client, left_out: Callable[[], list[str]], offer: str) -> Finder:
    """Find other people than the user; what is typed can be chosen, by the line `offer`."""
    store, me = client.store, client.core.credentials.name

    def find(words: str) -> list[tuple[str, str]]:
        words = words.strip()
        stored = [*store.contacts(), *(row.name for row in store.summaries())]
        known = matching((name for name in stored if not is_room(name)), words)
        unwanted = {me, *left_out()}
        found = dict.fromkeys([*known, *_at_the_server(client, words)])
        lines = _lines([name for name in found if name not in unwanted], store)
        # The server lists only some names, so that a name that is not found may still exist.
        if words and words not in found and words not in unwanted and not is_room(words):
            lines.append((words, _(offer, name=visible(words))))
        return lines

    return find


class RoomFinder:
    """Finds existing rooms, or offers to create one; the id is the name.

    `offered` is the room that the last call has offered to create, empty for none.
    """

    def __init__(self, names: Callable[[], Iterable[str]], client: Client) -> None:
        self.offered = ""
        self._names = names
        self._client = client
        # Requested once for each finder, as it is called for every key that is typed.
        self._listed: dict[str, Room] = {}

    def __call__(self, words: str) -> list[tuple[str, str]]:
        """Return the rooms whose names contain the words."""
        if not self._listed:
            self._listed.update(_listed_rooms(self._client))
        wanted = words.strip().removeprefix("#")
        stored = _conversations(self._names, self._client.store)
        known = dict.fromkeys([*self._listed, *(name for name in stored if is_room(name))])
        lines = [(name, self._line(name)) for name in matching(known, wanted)]
        self.offered = f"#{wanted}" if wanted and f"#{wanted}" not in known else ""
        if self.offered:
            lines.append((self.offered, _("Make the room #{name}", name=visible(wanted))))
        return lines

    def _line(self, name: str) -> str:
        return room_line(self._listed[name]) if name in self._listed else visible(name)


def _conversations(names: Callable[[], Iterable[str]], store: Store) -> list[str]:
    """Return the conversations that the list shows, in its order, then others that are stored."""
    return [*names(), *(row.name for row in store.summaries())]


def _lines(names: Iterable[str], store: Store) -> list[tuple[str, str]]:
    trusts = store.trusts()
    return [
        (name, visible(name) + trust_mark(trusts.get(name, IdentityTrust.UNKNOWN)))
        for name in names
    ]


def _at_the_server(client: Client, words: str) -> list[str]:
    if not words:
        return []
    try:
        found = client.search(words, _PATIENCE)
    except (ProtocolError, NotOnline):
        return []
    return [person.account_name for person in found]


def _listed_rooms(client: Client) -> dict[str, Room]:
    found: dict[str, Room] = {}
    with suppress(ProtocolError, NotOnline):  # stored rooms can be chosen all the same
        for room in islice(all_rooms(client, _PATIENCE), _MAX_ROOMS):
            found[room.room] = room
    return found


class MessageFinder:
    """Finds messages, in all conversations if None; the id is `<message id> <conversation>`.

    A call returns the first page, `more` those that follow; the latest messages come first.
    """

    def __init__(self, store: Store, conversation: str | None, me: str) -> None:
        self._store = store
        self._conversation = conversation
        self._me = me
        self._ends: dict[str, StoredMessage] = {}

    def __call__(self, words: str) -> list[tuple[str, str]] | None:
        """Return the latest results; None if nothing has been typed."""
        return self._page(words, None) if words.strip() else None

    def more(self, words: str, last: str) -> list[tuple[str, str]]:
        """Return the page that follows the one that ends with the id `last`."""
        end = self._ends.get(last)
        return [] if end is None else self._page(words, end)

    def _page(self, words: str, before: StoredMessage | None) -> list[tuple[str, str]]:
        found, is_last = search_page(self._store, words, self._conversation, before)
        trusts = self._store.trusts()
        lines = {
            f"{one.id} {one.conversation}": message_line(
                one, self._me, trusts.get(one.sender, IdentityTrust.UNKNOWN)
            )
            for one in found
        }
        self._ends |= {} if is_last else dict(zip(lines, found, strict=True))
        return list(lines.items())
