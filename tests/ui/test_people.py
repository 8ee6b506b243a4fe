"""People are shown in the same order everywhere: whoever is there first, then by name."""

from typing import Any

from messenger.jim.contacts import People, Person, Whois
from messenger.jim.rooms import Members
from messenger.sdk.client import Client
from messenger.sdk.login import Credentials
from messenger.sdk.store import Store
from messenger.ui.people import count_online, in_order, people_in

ONLINE = Person("яна", state="online")
AWAY = Person("Anna", state="away")
OFFLINE = Person("a/b%41", state="offline")
OTHER = Person("Борис", state="online")


class Asking(Client):
    """A client that answers itself, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", 1, Credentials("Иван"), Store())
        self.asked: list[Any] = []

    def ask(self, request: Any, timeout: float = 0.0) -> Any:
        """Answer as the server would."""
        self.asked.append(request)
        name = getattr(request, "account_name", "名前")
        return People(202, people=[Person(name, state="online")])


def test_whoever_is_online_comes_first_and_then_the_alphabet_counts() -> None:
    assert in_order([OFFLINE, ONLINE, AWAY, OTHER]) == [OTHER, ONLINE, AWAY, OFFLINE]


def test_whoever_is_away_is_there() -> None:
    assert count_online([OFFLINE, ONLINE, AWAY]) == 2


def test_a_room_is_asked_for_its_members() -> None:
    client = Asking()

    assert [one.account_name for one in people_in(client, "#кафе")] == ["名前"]
    assert client.asked == [Members(room="#кафе")]


def test_in_a_direct_chat_there_are_two() -> None:
    client = Asking()

    assert [one.account_name for one in people_in(client, "Dave Smith")] == ["Иван", "Dave Smith"]
    assert people_in(client, "Иван")[0].account_name == "Иван"
    assert client.asked[-1] == Whois(account_name="Иван")
