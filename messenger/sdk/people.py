"""Contacts, members of rooms, their presence, blocks, and who is typing, as the server says."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import structs

from messenger.jim.base import Reply, Request
from messenger.jim.blocks import BlockChanged
from messenger.jim.codec import AnyEvent
from messenger.jim.contacts import (
    AddContact,
    ContactChanged,
    DelContact,
    GetContacts,
    People,
    Person,
    listed_in,
)
from messenger.jim.messages import TypingNotice
from messenger.jim.names import room_name
from messenger.jim.rooms import CloseRoom, Leave, ListMembers, RoomChanged
from messenger.sdk.blocked import BlockedUsers
from messenger.sdk.errors import ConnectionLost, Unanswered
from messenger.sdk.events import ContactsChanged, CoreEvent, MembersChanged
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.store import Store
from messenger.sdk.typing import TypingPeople

_ByName = dict[str, Person]


class KnownPeople:
    """The contacts, and the members of rooms that were requested since the client came online.

    Events update the presence of contacts and the membership of rooms; the presence of other
    members is as old as the last reply with it, for no event reports it. May be read in any thread.
    `are_asked_for` is False if a plain server cannot list contacts.
    """

    def __init__(self, store: Store, tell: Callable[[CoreEvent], None]) -> None:
        self._store = store
        self._tell = tell
        self.are_asked_for = True
        self._contacts: _ByName = {}
        self._rooms: dict[str, _ByName] = {}
        self.typing = TypingPeople(tell)
        self.blocked = BlockedUsers(store, tell)

    # --- queries -------------------------------------------------------------------------------

    def contacts(self) -> list[Person]:
        """Return the contacts; one whose presence the server has not reported is offline."""
        return [self._contacts.get(name) or Person(name) for name in self._store.contacts()]

    def presence(self) -> dict[str, Person]:
        """Return the contacts whose presence the server has reported, by name."""
        return dict(self._contacts)

    def members(self, room: str) -> list[Person] | None:
        """Return the members of a room; None if they have not been requested."""
        found = self._rooms.get(room)
        # `list` copies a dict atomically: the receiving thread may change it meanwhile.
        return None if found is None else list(found.values())

    # --- replies and events --------------------------------------------------------------------

    def take_contacts(self, answer: Answer) -> None:
        """Store the list that a Messenger server sends at login."""
        if isinstance(answer, People) and answer.contacts is not None:
            self._keep_contacts(answer.contacts)
            self._update(answer.people)
            self._take_blocked(answer)

    def take_plain_contacts(self, answer: Answer) -> None:
        """Store the list of a plain server, which may not answer, or even close the connection."""
        if isinstance(answer, ConnectionLost | Unanswered):
            # A server that hangs up at this request would do so at every connection.
            self.are_asked_for = False
        elif isinstance(answer, People):
            self._keep_contacts(answer.contacts or listed_in(answer.alert))

    def told(self, request: Request[Any], on_answer: OnAnswer) -> OnAnswer:
        """Wrap a callback of a request: the reply is stored here before `on_answer` gets it."""

        def answered(answer: Answer) -> None:
            try:
                self.take_answer(request, answer)
            finally:  # The caller gets the reply even if the database cannot be written.
                on_answer(answer)

        return answered

    def take_answer(self, request: Request[Any], answer: Answer) -> None:
        """Store what the reply to a request of the user says about people."""
        if isinstance(answer, Reply):
            self.blocked.take_answer(request, answer)
        if isinstance(answer, People):
            self._take_people(request, answer)
        elif not isinstance(answer, Reply):
            return
        elif isinstance(request, AddContact):
            self._keep_contacts([*self._store.contacts(), request.user_id])
        elif isinstance(request, DelContact):
            known = self._store.contacts()
            self._keep_contacts([name for name in known if name != request.user_id])
        # No events come from a room that the user has left: its members would become outdated.
        elif isinstance(request, Leave | CloseRoom):
            self._rooms.pop(room_name(request.room), None)

    def take_event(self, event: AnyEvent, me: str, now: float) -> None:
        """Store what an event says about people; `me` is the user, `now` monotonic."""
        if isinstance(event, TypingNotice):
            self.typing.take(event, now)
        elif isinstance(event, BlockChanged):
            self.blocked.take_event(event)
        elif isinstance(event, ContactChanged):
            self._update([event.person])
        elif isinstance(event, RoomChanged):
            self._take_room(event, me)

    def forget(self) -> None:
        """Forget presence, membership and notices: the connection has ended."""
        contacts, rooms = tuple(self._contacts), tuple(self._rooms)
        self._contacts, self._rooms = {}, {}
        self.typing.forget()
        if contacts:
            self._tell(ContactsChanged(contacts))
        for room in rooms:
            self._tell(MembersChanged(room))

    def _take_people(self, request: Request[Any], answer: People) -> None:
        if isinstance(request, GetContacts):
            listed = answer.contacts
            self._keep_contacts(listed_in(answer.alert) if listed is None else listed)
            self._take_blocked(answer)
        elif isinstance(request, ListMembers):
            self._rooms[room_name(request.room)] = {
                person.account_name: person for person in answer.people
            }
            self._tell(MembersChanged(room_name(request.room)))
        self._update(answer.people)

    def _take_room(self, event: RoomChanged, me: str) -> None:
        name, members = event.account_name, self._rooms.get(event.room)
        if members is None:
            return
        if event.change == "closed" or (event.change in ("left", "removed") and name == me):
            del self._rooms[event.room]
        elif event.change in ("left", "removed"):
            members.pop(name, None)
        elif event.change == "joined":  # nobody joins while offline
            members.setdefault(name, Person(name, state="online"))
        elif event.change == "creator":
            self._rooms[event.room] = {
                one.account_name: structs.replace(one, creator=one.account_name == name)
                for one in members.values()
            }
        else:
            return
        self._tell(MembersChanged(event.room))

    def _take_blocked(self, answer: People) -> None:
        if answer.blocked is not None:
            self.blocked.keep(answer.blocked)

    def _keep_contacts(self, names: Sequence[str]) -> None:
        known = self._contacts
        self._contacts = {name: known.get(name) or Person(name) for name in names}
        self._store.set_contacts(list(self._contacts))
        self._tell(ContactsChanged(tuple(self._contacts)))

    def _update(self, people: Iterable[Person]) -> None:
        """Update these people wherever they are listed."""
        for person in people:
            for listed in (self._contacts, *self._rooms.values()):
                if (known := listed.get(person.account_name)) is not None:
                    listed[person.account_name] = structs.replace(person, creator=known.creator)
