"""The list of contacts, from servers of ours and from plain ones."""

import pytest
from messenger.sdk.contacts import Contacts

from messenger.jim.contacts import People
from messenger.jim.errors import NotFound
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import ContactsChanged
from messenger.sdk.link import Unanswered
from messenger.sdk.store import Store

BOB = "a/b%41"


@pytest.fixture
def told() -> list[object]:
    return []


@pytest.fixture
def contacts(told: list[object]) -> Contacts:
    return Contacts(Store(), told.append)


def test_a_list_is_kept_and_told(contacts: Contacts, told: list[object]) -> None:
    contacts.take(People(200, contacts=[BOB]))

    assert told == [ContactsChanged((BOB,))]
    assert contacts._store.contacts() == [BOB]


@pytest.mark.parametrize(
    "answer", [People(200), NotFound("No"), ConnectionLost("Broken")], ids=repr
)
def test_what_is_no_list_changes_nothing(
    contacts: Contacts, told: list[object], answer: People | NotFound
) -> None:
    contacts.take(answer)

    assert told == []
    assert contacts.are_asked_for


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (People(200, contacts=[BOB]), [BOB]),
        (People(200, alert=f"['{BOB}', 7, 'Иван']"), [BOB, "Иван"]),
        (People(200, alert="nobody"), []),
        (People(200, alert="{'a': 1}"), []),
        (People(200), []),
    ],
    ids=repr,
)
def test_a_plain_server_may_write_the_list_into_its_alert(
    contacts: Contacts, answer: People, names: list[str]
) -> None:
    contacts.take_plain(answer)

    assert contacts._store.contacts() == names


@pytest.mark.parametrize("answer", [ConnectionLost("Broken"), Unanswered("Silent")], ids=repr)
def test_a_plain_server_that_cannot_answer_is_not_asked_again(
    contacts: Contacts, answer: ConnectionLost
) -> None:
    contacts.take_plain(answer)

    assert not contacts.are_asked_for


def test_a_plain_server_that_refuses_is_asked_again(contacts: Contacts) -> None:
    contacts.take_plain(NotFound("No"))

    assert contacts.are_asked_for
