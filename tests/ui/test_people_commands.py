"""Commands for people and rooms say what the server says, and ask it once."""

from pathlib import Path

import pytest

from messenger.jim.accounts import ListLogins, LoginRecord, Logins
from messenger.jim.base import Reply, Request
from messenger.jim.contacts import (
    AddContact,
    DelContact,
    GetContacts,
    People,
    Person,
    Search,
    Whois,
)
from messenger.jim.rooms import (
    CloseRoom,
    EncryptRoom,
    Invite,
    Join,
    Joined,
    Kick,
    Leave,
    ListMembers,
    ShowHistory,
    Topic,
)
from tests.sdk.in_memory import InMemoryClient
from tests.ui.answers import Answering
from tests.ui.offline import Offline

ME, ROOM, ANN = "Иван", "#кафе", "a/b%41"
PEOPLE = [Person(ANN, state="online"), Person("名前", guest=True)]


def ivan(data: Path, *, plain: bool = False) -> Offline:
    """Return a user who is online, and sees what commands say; everybody agrees."""
    client = InMemoryClient(ME)
    listed = People(
        "202",
        alert=str([ANN, "名前"]),
        contacts=None if plain else [ANN, "名前"],
        people=[] if plain else PEOPLE,
    )
    client.answers |= {
        GetContacts: lambda _: listed,
        ListMembers: lambda _: People(200, people=PEOPLE),
        Whois: lambda _: People(200, people=PEOPLE[:1]),
        Search: lambda _: People(200, people=PEOPLE),
        Join: lambda _: Joined(200, made=True),
        ListLogins: lambda _: Logins(200, logins=[LoginRecord(1.0, "203.0.113.7", "bot")]),
    }
    client.come_online(plain=plain)
    user = Offline(data, Answering(agrees=True), ME, client)
    user.current = ROOM
    return user


def asked(user: Offline) -> list[Request[Reply]]:
    assert isinstance(user.client, InMemoryClient)
    return user.client.asked


def test_contacts_are_listed_with_their_presence_by_one_request(tmp_path: Path) -> None:
    user = ivan(tmp_path)

    assert user.run("/contacts") == [f"{ANN}: online", "名前: guest, offline"]
    assert asked(user) == [GetContacts(user_login=ME)]


def test_contacts_of_a_plain_server_are_names(tmp_path: Path) -> None:
    user = ivan(tmp_path, plain=True)

    assert user.run("/contacts") == [ANN, "名前"]
    assert user.client.store.contacts() == [ANN, "名前"]


@pytest.mark.parametrize("plain", [False, True])
def test_whoever_has_no_contacts_is_told_how_to_add_one(tmp_path: Path, plain: bool) -> None:
    user = ivan(tmp_path, plain=plain)
    assert isinstance(user.client, InMemoryClient)
    user.client.answers[GetContacts] = lambda _: People("202", alert="[]")

    assert user.run("/contacts") == ["No contacts yet: /add NAME"]
    assert user.client.store.contacts() == []


def test_somebody_is_added_once(tmp_path: Path) -> None:
    user = ivan(tmp_path)

    assert user.run("/add Dave Smith") == ["Dave Smith is a contact now"]
    assert user.run("/add Dave Smith") == ["Dave Smith is already a contact"]
    assert user.run(f"/add {ME}") == ["You cannot add yourself to your contacts."]


@pytest.mark.parametrize(
    ("command", "request_", "shown"),
    [
        ("/del 名前", DelContact(user_id="名前", user_login=ME), ["名前 was removed"]),
        ("/add Dave", AddContact(user_id="Dave", user_login=ME), ["Dave is a contact now"]),
        (f"/whois {ANN}", Whois(account_name=ANN), [f"{ANN}: online"]),
        ("/find a/", Search(prefix="a/"), [f"{ANN}: online", "名前: guest, offline"]),
        ("/who", ListMembers(room=ROOM), [f"{ANN}: online", "名前: guest, offline"]),
        ("/topic чай", Topic(room=ROOM, topic="чай"), []),
        ("/topic -", Topic(room=ROOM, topic=""), []),
        (f"/invite {ANN}", Invite(room=ROOM, account_name=ANN), [f"{ANN} is invited to {ROOM}"]),
        (f"/kick {ANN}", Kick(room=ROOM, account_name=ANN), []),
        (f"/ban {ANN}", Kick(room=ROOM, account_name=ANN, ban=True), [f"{ANN} can no longer"]),
        ("/leave", Leave(room=ROOM), [f"You have left {ROOM}"]),
        (f"/close {ROOM}", CloseRoom(room=ROOM), []),
        ("/encrypt", EncryptRoom(room=ROOM), []),
        ("/joiners all", ShowHistory(room=ROOM, shown=True), [f"New members of {ROOM} can read"]),
        ("/joiners new", ShowHistory(room=ROOM, shown=False), [f"New members of {ROOM} can read"]),
        ("/logins", ListLogins(), ["203.0.113.7"]),
    ],
)
def test_a_command_asks_the_server_once_and_says_what_it_has_done(
    tmp_path: Path, command: str, request_: Request[Reply], shown: list[str]
) -> None:
    user = ivan(tmp_path)

    said = user.run(command)

    assert asked(user) == [request_]
    assert len(said) == len(shown)
    assert all(part in line for part, line in zip(shown, said, strict=True))


def test_a_room_is_joined_and_opened(tmp_path: Path) -> None:
    user = ivan(tmp_path)

    user.run("/join чай open")

    assert user.opened == ["#чай"]
    (request,) = asked(user)
    assert isinstance(request, Join)
    assert (request.room, request.encrypted) == ("#чай", False)
