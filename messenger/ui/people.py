"""The people in a conversation, and the order in which they are shown."""

from collections.abc import Iterable

from messenger.jim.names import is_room
from messenger.sdk.client import Client
from messenger.sdk.results import Person
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT

_ORDER = ("online", "away", "offline")


def people_in(client: Client, conversation: str, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
    """Return the members of a room, or both sides of a direct chat; `timeout` is in seconds.

    Raises as `Client.ask` does.
    """
    if is_room(conversation):
        return client.members(conversation, timeout)
    two = dict.fromkeys((client.core.credentials.name, conversation))
    return [client.whois(name, timeout) for name in two]


def in_order(people: Iterable[Person]) -> list[Person]:
    """Return people in the order of display: online first, then by name."""
    return sorted(people, key=lambda one: (_ORDER.index(one.state), one.account_name.casefold()))


def count_online(people: Iterable[Person]) -> int:
    """Return how many of them are online or away."""
    return sum(person.state != "offline" for person in people)
