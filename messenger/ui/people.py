"""The people in a conversation, and the order in which they are shown."""

from collections.abc import Iterable
from contextlib import suppress

from messenger.jim.errors import ProtocolError
from messenger.jim.names import is_room
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.results import Person
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT

_ORDER = ("online", "away", "offline")
_SHORTEST, _LONGEST = 4.0, 60.0
_SECONDS_A_PERSON = 0.1


def people_in(client: Client, conversation: str, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
    """Return the members of a room, or both sides of a direct chat; `timeout` is in seconds.

    Raises as `Client.ask` does.
    """
    if is_room(conversation):
        return client.members(conversation, timeout)
    two = dict.fromkeys((client.core.credentials.name, conversation))
    return [client.whois(name, timeout) for name in two]


def add_contact(client: Client, name: str) -> None:
    """Add a contact, and ask for the presence of all: the reply to the first does not tell it.

    Raises as `Client.ask` does if the contact cannot be added.
    """
    client.add_contact(name)
    if not client.core.is_plain_server:  # That one has no presence.
        with suppress(ProtocolError, NotOnline):
            client.contacts()


def in_order(people: Iterable[Person]) -> list[Person]:
    """Return people in the order of display: online first, then by name."""
    return sorted(people, key=lambda one: (_ORDER.index(one.state), one.account_name.casefold()))


def count_online(people: Iterable[Person]) -> int:
    """Return how many of them are online or away."""
    return sum(person.state != "offline" for person in people)


def seconds_until_old(members: int) -> float:
    """Return how long the presence of a room's members is worth showing.

    No event reports it, so it has to be asked for: less often in large rooms, with large replies.
    """
    return min(_LONGEST, max(_SHORTEST, members * _SECONDS_A_PERSON))
