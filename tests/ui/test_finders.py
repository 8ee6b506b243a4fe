"""What is typed finds conversations, people, rooms and messages; also while the server is away."""

from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.store import Store
from messenger.ui import finders

LISTED = ["#all", "名前", "a/b%41"]


def client() -> Client:
    store = Store()
    store.set_contacts(["Dave Smith", "Мария"])
    store.add_unsent("名前", "Иван", "привет, мир", "id 1", 0.0)
    store.add_unsent("#кафе", "Иван", "чай 🎈", "id 2", 0.0)
    return Client("127.0.0.1", 1, Credentials("Иван"), store)


def ids(found: list[tuple[str, str]] | None) -> list[str]:
    return [key for key, _line in found or []]


def test_conversations_come_as_the_list_has_them_then_contacts() -> None:
    find = finders.conversations(lambda: LISTED, client().store)

    assert ids(find("")) == [*LISTED, "#кафе", "Dave Smith", "Мария"]
    assert ids(find("МАР")) == ["Мария"]


def test_whoever_is_not_known_can_be_written_to_while_the_server_is_away() -> None:
    find = finders.people(lambda: LISTED, client())

    assert ids(find("Dave")) == ["Dave Smith", "Dave"]
    assert find("Dave")[-1:] == [("Dave", "Write to Dave")]
    assert "#all" not in ids(find(""))


def test_a_room_that_is_not_known_can_be_made() -> None:
    find = finders.RoomFinder(lambda: LISTED, client())

    assert ids(find("")) == ["#all", "#кафе"]
    assert find("чай") == [("#чай", "Make the room #чай")]
    assert ids(find("#кафе")) == ["#кафе"]


def test_messages_are_found_by_their_words_here_or_everywhere() -> None:
    store = client().store

    everywhere = finders.MessageFinder(store, None, "Иван")
    here = finders.MessageFinder(store, "#кафе", "Иван")

    assert everywhere("") is None
    assert [key.partition(" ")[2] for key in ids(everywhere("привет"))] == ["名前"]
    assert ids(here("привет")) == []
    assert next(line for _key, line in here("чай") or []).endswith("чай 🎈  [queued]")


def test_messages_that_are_found_come_in_pages_the_latest_first() -> None:
    store = Store()
    for number in range(120):
        store.add_unsent("名前", "Иван", f"чай {number}.", f"id {number}", float(number))
    find = finders.MessageFinder(store, None, "Иван")

    pages = [find("чай") or []]
    while page := find.more("чай", pages[-1][-1][0]):
        pages.append(page)

    assert [len(page) for page in pages] == [50, 50, 20]
    lines = [line for page in pages for _key, line in page]
    assert [f"чай {number}." in line for number, line in enumerate(reversed(lines))] == [True] * 120


def test_contacts_and_oneself_are_not_offered_as_new_contacts() -> None:
    find = finders.newcomers(client())

    assert ids(find("")) == ["名前"]
    assert find("Мар") == [("Мар", "Add Мар")]
    assert ids(find("Dave Smith")) == []
    assert ids(find("Иван")) == []
    assert ids(find("#кафе")) == []


def test_contacts_are_the_first_to_be_invited() -> None:
    find = finders.invitees(client())

    assert ids(find("")) == ["Dave Smith", "Мария", "名前"]
    assert find("zoe") == [("zoe", "Invite zoe")]


def test_a_finder_of_rooms_says_which_one_would_be_made() -> None:
    find = finders.RoomFinder(lambda: LISTED, client())

    find("кафе")
    assert find.offered == ""
    find("#чай")
    assert find.offered == "#чай"
