"""People are shown in the same order everywhere: whoever is there first, then by name."""

from messenger.jim.contacts import People, Person, Whois
from messenger.jim.rooms import ListMembers
from messenger.ui.people import count_online, in_order, people_in
from tests.sdk.in_memory import InMemoryClient

ONLINE = Person("яна", state="online")
AWAY = Person("Anna", state="away")
OFFLINE = Person("a/b%41", state="offline")
OTHER = Person("Борис", state="online")


def asking() -> InMemoryClient:
    """Return a client whose server knows everybody."""
    client = InMemoryClient("Иван")
    client.answers[ListMembers] = lambda _: People(200, people=[Person("名前", state="online")])
    client.answers[Whois] = lambda whois: People(200, people=[Person(whois.account_name)])
    client.come_online()
    return client


def test_whoever_is_online_comes_first_and_then_the_alphabet_counts() -> None:
    assert in_order([OFFLINE, ONLINE, AWAY, OTHER]) == [OTHER, ONLINE, AWAY, OFFLINE]


def test_whoever_is_away_is_there() -> None:
    assert count_online([OFFLINE, ONLINE, AWAY]) == 2


def test_a_room_is_asked_for_its_members() -> None:
    client = asking()

    assert [one.account_name for one in people_in(client, "#кафе")] == ["名前"]
    assert client.asked == [ListMembers(room="#кафе")]


def test_in_a_direct_chat_there_are_two() -> None:
    client = asking()

    assert [one.account_name for one in people_in(client, "Dave Smith")] == ["Иван", "Dave Smith"]
    assert people_in(client, "Иван")[0].account_name == "Иван"
    assert client.asked[-1] == Whois(account_name="Иван")
