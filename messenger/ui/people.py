"""Who is in a conversation, as the server says it; and in which order people are shown."""

from collections.abc import Iterable

from messenger.jim.names import is_room
from messenger.sdk.client import Client
from messenger.sdk.results import Person
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT

_ORDER = ("online", "away", "offline")


def people_in(client: Client, conversation: str, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
    """Return the members of a room, or the user and the other one; `timeout` is in seconds.

    Raises as `Client.ask` does.
    """
    if is_room(conversation):
        return client.members(conversation, timeout)
    two = dict.fromkeys((client.core.credentials.name, conversation))
    return [client.whois(name, timeout) for name in two]


def in_order(people: Iterable[Person]) -> list[Person]:
    """Return people as they are shown: those who are online first, then by name."""
    return sorted(people, key=lambda one: (_ORDER.index(one.state), one.account_name.casefold()))


def count_online(people: Iterable[Person]) -> int:
    """Return how many of them are there, or away for a while."""
    return sum(person.state != "offline" for person in people)
