"""Presence and members are kept up to date from events, without further requests."""

from collections.abc import Callable
from typing import Any, Literal

import pytest

from messenger.jim.base import Reply
from messenger.jim.contacts import (
    AddContact,
    ContactChanged,
    DelContact,
    GetContacts,
    People,
    Person,
    Whois,
)
from messenger.jim.errors import NotFound
from messenger.jim.rooms import Leave, ListMembers, RoomChanged
from messenger.sdk.errors import ConnectionLost, ServerClosed, StoreUnusable, Unanswered
from messenger.sdk.events import ContactsChanged
from tests.sdk.in_memory import InMemoryClient

ME, ROOM, ANN, NAME, GUEST = "Иван", "#кафе", "a/b%41", "名前", "Dave Smith"
MEMBERS = [Person(ME, state="online"), Person(NAME), Person(GUEST, guest=True, state="online")]


def client(*, plain: bool = False) -> InMemoryClient:
    """Return a client with two contacts, one of them online, and a room."""
    made = InMemoryClient(ME)
    people = [Person(ANN, state="online", status="чай"), Person(NAME, last_seen=5.0)]
    contacts = None if plain else [ANN, NAME]
    alert = str([ANN, NAME])
    made.answers[GetContacts] = lambda _: People(
        "202", alert=alert, contacts=contacts, people=[] if plain else people
    )
    made.answers[ListMembers] = lambda _: People(200, people=MEMBERS)
    made.come_online(plain=plain)
    return made


def names(people: list[Person] | None) -> list[str]:
    assert people is not None
    return [person.account_name for person in people]


def states(people: list[Person] | None) -> dict[str, str]:
    assert people is not None
    return {person.account_name: person.state for person in people}


def changed(
    change: Literal["joined", "left", "removed", "closed", "topic"], name: str = GUEST
) -> RoomChanged:
    return RoomChanged(room=ROOM, change=change, account_name=name)


# --- contacts -----------------------------------------------------------------------------------


def test_contacts_are_known_once_the_client_is_online() -> None:
    ivan = client()

    assert states(ivan.people.contacts()) == {ANN: "online", NAME: "offline"}
    assert ivan.asked == []


def test_a_contact_who_goes_is_offline_without_a_question() -> None:
    ivan = client()

    ivan.tell(ContactChanged(person=Person(ANN, last_seen=7.0)))
    ivan.tell(ContactChanged(person=Person(NAME, state="away")))

    assert states(ivan.people.contacts()) == {ANN: "offline", NAME: "away"}
    assert ivan.asked == []


def test_contacts_are_listed_by_one_request_however_many_there_are() -> None:
    ivan = client()
    many = [Person(f"имя {number}", state="away") for number in range(100)]
    listed = [person.account_name for person in many]
    ivan.answers[GetContacts] = lambda _: People("202", contacts=listed, people=many)

    assert sorted(names(ivan.contacts())) == sorted(listed)
    assert ivan.store.contacts() == sorted(listed)
    assert ivan.asked == [GetContacts(user_login=ME)]


def test_a_contact_who_was_added_or_removed_is_one_at_once_or_no_longer() -> None:
    ivan = client()
    ivan.core.events()

    ivan.add_contact(GUEST)
    ivan.add_contact(GUEST)
    ivan.tell(ContactChanged(person=Person(GUEST, state="online")))
    ivan.remove_contact(ANN)

    assert states(ivan.people.contacts()) == {GUEST: "online", NAME: "offline"}
    told = [event for event in ivan.core.events() if isinstance(event, ContactsChanged)]
    assert [sorted(event.names) for event in told] == [
        sorted([ANN, GUEST, NAME]), sorted([ANN, GUEST, NAME]), sorted([GUEST, NAME])
    ]  # fmt: skip


@pytest.mark.parametrize("request_", [AddContact, DelContact])
def test_a_refusal_changes_no_contacts(request_: type) -> None:
    def refuse(_request: object) -> Reply:
        raise NotFound("There is no such user")

    ivan = client()
    ivan.answers[request_] = refuse
    act = ivan.add_contact if request_ is AddContact else ivan.remove_contact

    with pytest.raises(NotFound):
        act(ANN if request_ is DelContact else GUEST)

    assert names(ivan.people.contacts()) == [ANN, NAME]


def test_whoever_waits_is_answered_though_the_contact_cannot_be_kept() -> None:
    ivan = client()
    answers: list[Reply] = []
    with ivan.store.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON contacts "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )

    request = AddContact(user_id=GUEST, user_login=ME)
    with pytest.raises(StoreUnusable):
        ivan._at_once(lambda: ivan.core.ask(request, answers.append))

    assert [answer.code for answer in answers] == [200]


def test_somebody_who_is_no_contact_becomes_none_by_an_event() -> None:
    ivan = client()

    ivan.tell(ContactChanged(person=Person("mallory", state="online")))

    assert names(ivan.people.contacts()) == [ANN, NAME]


def test_a_plain_server_writes_the_names_into_a_string() -> None:
    ivan = client(plain=True)
    assert names(ivan.people.contacts()) == [ANN, NAME]

    assert names(ivan.contacts()) == [ANN, NAME]
    assert ivan.store.contacts() == [ANN, NAME]


@pytest.mark.parametrize(
    ("answer", "again"), [(ConnectionLost(), False), (Unanswered(), False), (NotFound("no"), True)]
)
def test_a_plain_server_that_does_not_answer_for_contacts_is_asked_once(
    answer: Any, again: bool
) -> None:
    ivan = client(plain=True)

    ivan.people.take_plain_contacts(answer)

    assert ivan.people.are_asked_for is again
    assert names(ivan.people.contacts()) == [ANN, NAME]


@pytest.mark.parametrize("answer", [People(200), NotFound("no"), ConnectionLost()], ids=repr)
def test_what_is_no_list_changes_no_contacts(answer: Any) -> None:
    ivan = client()

    ivan.people.take_contacts(answer)

    assert states(ivan.people.contacts()) == {ANN: "online", NAME: "offline"}


# --- rooms --------------------------------------------------------------------------------------


def test_the_members_of_a_room_are_not_known_before_they_are_asked_for() -> None:
    ivan = client()
    ivan.tell(changed("joined"))
    assert ivan.people.members(ROOM) is None

    assert ivan.members(ROOM) == MEMBERS
    assert ivan.people.members(ROOM) == MEMBERS


@pytest.mark.parametrize(
    ("event", "left"),
    [
        (changed("joined", ANN), [ME, NAME, GUEST, ANN]),
        (changed("joined", GUEST), [ME, NAME, GUEST]),
        (changed("left"), [ME, NAME]),
        (changed("removed"), [ME, NAME]),
        (changed("left", "nobody"), [ME, NAME, GUEST]),
        (changed("topic"), [ME, NAME, GUEST]),
    ],
)
def test_whoever_joins_or_leaves_is_a_member_or_none(event: RoomChanged, left: list[str]) -> None:
    ivan = client()
    ivan.members(ROOM)
    ivan.forget_asked()

    ivan.tell(event)

    assert names(ivan.people.members(ROOM)) == left
    assert [one for one in ivan.asked if isinstance(one, ListMembers)] == []


@pytest.mark.parametrize(
    "end",
    [
        lambda ivan: ivan.tell(changed("left", ME)),
        lambda ivan: ivan.tell(changed("removed", ME)),
        lambda ivan: ivan.tell(changed("closed", NAME)),
        lambda ivan: ivan.leave(ROOM),
        lambda ivan: ivan.core.disconnected(ServerClosed(), 1.0),
    ],
)
def test_of_a_room_that_one_has_left_nothing_is_known(
    end: Callable[[InMemoryClient], None],
) -> None:
    ivan = client()
    ivan.members(ROOM)

    end(ivan)

    assert ivan.people.members(ROOM) is None


def test_what_is_told_of_somebody_holds_wherever_they_are_listed() -> None:
    ivan = client()
    ivan.members(ROOM)
    away = Person(NAME, state="away", status="обед")
    ivan.answers[Whois] = lambda _: People(200, people=[away])

    ivan.whois(NAME)
    assert away in ivan.people.contacts()
    assert away in (ivan.people.members(ROOM) or [])

    ivan.tell(ContactChanged(person=Person(NAME, state="online")))
    assert states(ivan.people.contacts())[NAME] == "online"
    assert states(ivan.people.members(ROOM))[NAME] == "online"


def test_who_is_online_is_not_known_without_a_connection() -> None:
    ivan = client()

    ivan.core.disconnected(ServerClosed(), 1.0)

    assert states(ivan.people.contacts()) == {ANN: "offline", NAME: "offline"}


def test_a_room_that_one_could_not_leave_stays_known() -> None:
    def refuse(_request: object) -> Reply:
        raise NotFound("You are not there")

    ivan = client()
    ivan.members(ROOM)
    ivan.answers[Leave] = refuse

    with pytest.raises(NotFound):
        ivan.leave(ROOM)

    assert ivan.people.members(ROOM) == MEMBERS
