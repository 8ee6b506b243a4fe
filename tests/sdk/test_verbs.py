"""The verbs are written once: both clients send the same requests, and return the same."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from messenger.jim.accounts import ListLogins, LoginRecord, Logins
from messenger.jim.base import Reply
from messenger.jim.blocks import Block, Blocks, GetBlocks, Unblock
from messenger.jim.contacts import (
    AddContact,
    DelContact,
    GetContacts,
    People,
    Person,
    Search,
    Whois,
)
from messenger.jim.errors import Conflict, Forbidden, NotFound
from messenger.jim.messages import SendMessage, Stored, Typing
from messenger.jim.reports import Report
from messenger.jim.rooms import (
    CloseRoom,
    EncryptRoom,
    Invite,
    Join,
    Joined,
    Kick,
    Leave,
    ListMembers,
    ListRooms,
    Room,
    Rooms,
    ShowHistory,
    Topic,
)
from messenger.sdk import AsyncClient, Client, ConnectionLost, Credentials, NotOnline
from messenger.sdk.events import ConnectionState
from messenger.sdk.verbs.encryption import AsyncKeys, Keys
from messenger.sdk.verbs.verb import Blocking, verb
from tests.sdk.in_memory import InMemory, InMemoryAsyncClient, InMemoryClient

ME, ROOM, OTHER = "Иван", "#кафе", "a/b%41"
PERSON = Person(OTHER, state="away", status="名前")

ANSWERS: dict[type, Callable[[Any], Any]] = {
    Join: lambda _: Joined(200, made=True),
    ListRooms: lambda _: Rooms(200, rooms=[Room(ROOM)], next=ROOM),
    ListMembers: lambda _: People(200, people=[PERSON]),
    Whois: lambda _: People(200, people=[PERSON]),
    Search: lambda _: People(200, people=[PERSON]),
    GetContacts: lambda _: People(202, contacts=[OTHER], people=[PERSON]),
    GetBlocks: lambda _: Blocks(200, blocked=[OTHER]),
    ListLogins: lambda _: Logins(200, logins=[LoginRecord(1.0, "::1")]),
}

VERBS: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (lambda one: one.leave(ROOM), Leave(room=ROOM), None),
    (lambda one: one.members(ROOM), ListMembers(room=ROOM), [PERSON]),
    (lambda one: one.invite(ROOM, OTHER), Invite(room=ROOM, account_name=OTHER), None),
    (lambda one: one.set_topic(ROOM, "чай"), Topic(room=ROOM, topic="чай"), None),
    (lambda one: one.kick(ROOM, OTHER), Kick(room=ROOM, account_name=OTHER), None),
    (
        lambda one: one.kick(ROOM, OTHER, ban=True),
        Kick(room=ROOM, account_name=OTHER, ban=True),
        None,
    ),
    (lambda one: one.close_room(ROOM), CloseRoom(room=ROOM), None),
    (lambda one: one.encrypt_room(ROOM), EncryptRoom(room=ROOM), None),
    (lambda one: one.show_history(ROOM, shown=False), ShowHistory(room=ROOM, shown=False), None),
    (
        lambda one: one.list_rooms("#a", joined=True),
        ListRooms(after="#a", joined=True),
        Rooms(200, rooms=[Room(ROOM)], next=ROOM),
    ),
    (lambda one: one.whois(OTHER), Whois(account_name=OTHER), PERSON),
    (lambda one: one.search("a/"), Search(prefix="a/"), [PERSON]),
    (lambda one: one.contacts(), GetContacts(user_login=ME), [PERSON]),
    (lambda one: one.add_contact(OTHER), AddContact(user_id=OTHER, user_login=ME), None),
    (lambda one: one.remove_contact(OTHER), DelContact(user_id=OTHER, user_login=ME), None),
    (lambda one: one.block(OTHER), Block(account_name=OTHER), None),
    (lambda one: one.unblock(OTHER), Unblock(account_name=OTHER), None),
    (lambda one: one.blocked(), GetBlocks(), [OTHER]),
    (
        lambda one: one.report(OTHER, room=ROOM, reason="спам"),
        Report(account_name=OTHER, room=ROOM, reason="спам"),
        "",
    ),
    (lambda one: one.logins(), ListLogins(), [LoginRecord(1.0, "::1")]),
    (lambda one: one.ask(ListLogins(), timeout=3), ListLogins(), ANSWERS[ListLogins](None)),
    (lambda one: one.typing(ROOM, stopped=True), Typing(to=ROOM, stopped=True), None),
    (lambda one: one.post(Typing(to=OTHER)), Typing(to=OTHER), None),
    (lambda one: one.wait_until_online(0), None, True),
    (lambda one: one.wait_until_sent(0), None, True),
]


BOTH = pytest.mark.parametrize("client", [InMemoryClient, InMemoryAsyncClient])


def do(act: Callable[[Any], Any], client: InMemory) -> Any:
    """Return a verb's result, or raise its exception, for either client."""

    async def await_it() -> Any:
        result = act(client)
        return await result if inspect.isawaitable(result) else result

    return asyncio.run(await_it())


def online(client: Callable[[str], InMemory], answers: dict[type, Any] = ANSWERS) -> InMemory:
    made = client(ME)
    made.answers |= answers
    made.come_online()
    return made


@BOTH
@pytest.mark.parametrize(("act", "request_", "result"), VERBS)
def test_a_verb_asks_the_server_and_returns_what_it_says(
    client: Callable[[str], InMemory], act: Callable[[Any], Any], request_: Any, result: Any
) -> None:
    one = online(client)

    returned = do(act, one)

    assert one.asked == ([] if request_ is None else [request_])
    if isinstance(returned, Reply):
        returned = structs.replace(returned, id=None)  # the connection's own
    assert returned == result


@BOTH
def test_a_room_is_joined_under_an_id_of_its_own(client: Callable[[str], InMemory]) -> None:
    one = online(client)

    joined = do(lambda it: it.join(ROOM, encrypted=False), one)

    (asked,) = one.asked
    assert (asked.room, asked.encrypted, len(asked.unique_id)) == (ROOM, False, 32)
    assert joined.made


@BOTH
def test_a_refusal_is_raised(client: Callable[[str], InMemory]) -> None:
    def refuse(_request: object) -> Reply:
        raise Conflict("The name is taken")

    one = online(client, {Join: refuse})

    with pytest.raises(Conflict, match="taken"):
        do(lambda it: it.join(ROOM), one)


@BOTH
def test_a_user_of_whom_the_server_says_nothing_is_not_found(
    client: Callable[[str], InMemory],
) -> None:
    with pytest.raises(NotFound):
        do(lambda it: it.whois(OTHER), online(client, {}))


@BOTH
def test_without_a_connection_a_verb_raises_and_what_needs_no_answer_does_nothing(
    client: Callable[[str], InMemory],
) -> None:
    one = client(ME)

    with pytest.raises(NotOnline):
        do(lambda it: it.leave(ROOM), one)
    do(lambda it: it.typing(ROOM), one)

    assert one.asked == []
    assert do(lambda it: it.wait_until_online(0), one) is False


@BOTH
def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_was_said(
    client: Callable[[str], InMemory],
) -> None:
    one = online(client)
    one.core.ask = lambda request, take: None  # type: ignore[method-assign]  # it is never answered

    with pytest.raises(ConnectionLost):
        do(lambda it: it.leave(ROOM, timeout=0.0), one)


@BOTH
def test_what_is_written_is_kept_and_sent_and_marked_as_read(
    client: Callable[[str], InMemory],
) -> None:
    one = online(client, {SendMessage: lambda _: Stored(200, seq=1)})

    message = do(lambda it: it.send_text(OTHER, "привет"), one)

    assert message.text == "привет"
    assert [asked.message for asked in one.asked if isinstance(asked, SendMessage)] == ["привет"]
    assert do(lambda it: it.wait_until_sent(0), one) is True


@BOTH
def test_what_could_not_be_sent_waits(client: Callable[[str], InMemory]) -> None:
    one = client(ME)
    do(lambda it: it.send_text("#all", "later"), one)

    assert do(lambda it: it.wait_until_sent(0), one) is False


@BOTH
def test_the_status_is_told_and_told_again_at_the_next_login(
    client: Callable[[str], InMemory],
) -> None:
    one = online(client)

    do(lambda it: it.set_status("обед", away=True), one)

    (presence,) = one.asked
    assert (presence.user.status, presence.type) == ("обед", "away")
    assert do(lambda it: it.build_presence("обед", away=True), one) == one.core.presence


@BOTH
def test_other_credentials_are_used_at_the_next_try(client: Callable[[str], InMemory]) -> None:
    one = client(ME)
    one.core.refuse(Forbidden("not you"))
    with pytest.raises(Forbidden, match="not you"):
        do(lambda it: it.wait_until_online(), one)

    do(lambda it: it.log_in(Credentials("名前")), one)

    assert one.core.credentials.name == "名前"
    assert one.core.state is ConnectionState.CONNECTING


@BOTH
def test_keys_are_for_accounts(client: Callable[[str], InMemory]) -> None:
    one = online(client)

    for act in (
        lambda it: it.keys.own_devices(),
        lambda it: it.keys.approve("code"),
        lambda it: it.keys.safety_number(OTHER),
    ):
        with pytest.raises(Forbidden):
            do(act, one)


@BOTH
def test_a_conversation_may_be_written_to_unencrypted(client: Callable[[str], InMemory]) -> None:
    one = online(client)
    encryption = one.core.encryption

    do(lambda it: it.keys.write_plain(OTHER), one)
    assert encryption.plain._allowed() == {encryption.rooms.of(OTHER)}

    do(lambda it: it.keys.write_plain(OTHER, allowed=False), one)
    assert encryption.plain._allowed() == set()


# --- the same in both ---------------------------------------------------------------------------

LIFE = {"start", "close", "send", "receive", "parse", "run"}
"""How a client is started and ended, and the functions that a thread calls: each its own way."""


def public(kind: type) -> dict[str, object]:
    return {
        name: member
        for name, member in inspect.getmembers(kind)
        if not name.startswith("_") and name not in LIFE
    }


@pytest.mark.parametrize(("blocking", "awaited"), [(Client, AsyncClient), (Keys, AsyncKeys)])
def test_both_clients_have_the_same_names_and_signatures(blocking: type, awaited: type) -> None:
    one, other = public(blocking), public(awaited)

    assert one.keys() == other.keys()
    for name, member in one.items():
        if callable(member):
            twin = other[name]
            assert inspect.signature(member) == inspect.signature(twin), name
            assert inspect.getdoc(member) == inspect.getdoc(twin), name
        assert not inspect.iscoroutinefunction(member), name


def test_what_waits_is_awaited_in_the_asynchronous_client_alone() -> None:
    for name in ("ask", "join", "change_password", "wait_until_online"):
        assert inspect.iscoroutinefunction(getattr(AsyncClient, name))
    for name in ("send_text", "post", "log_in", "set_status", "mark_read"):
        assert not inspect.iscoroutinefunction(getattr(AsyncClient, name))


def test_a_verb_that_blocks_and_awaits_something_else_is_a_mistake() -> None:
    class Sleepy(Blocking):
        @verb
        async def sleep(self) -> None:
            await asyncio.sleep(1)

    with pytest.raises(RuntimeError):
        Sleepy().sleep()
