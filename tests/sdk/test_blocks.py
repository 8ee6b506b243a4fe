"""Blocks and reports by real clients at a real server."""

import asyncio
import contextlib
from typing import Any

import pytest

from messenger.crypto.emoji import METHOD
from messenger.jim.errors import NotFound, ProtocolError, TooMany
from messenger.sdk import AsyncClient, Credentials, Store
from messenger.sdk.blocked import blocked_in
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.encryption.verification import PREFIX
from messenger.sdk.events import (
    BlocksChanged,
    ContactsChanged,
    SummariesChanged,
    VerificationChanged,
)
from messenger.sdk.store import MessageState
from tests.running import PASSWORD, running
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import LyingProxy
from tests.sdk.test_lying_server import send, talking


def test_a_blocked_user_is_told_that_messages_are_not_accepted(person: People, name: Names) -> None:
    anna, boris = person(name("Анна")), person(name("Борис"))
    talking(anna, boris)
    changes = told(anna, BlocksChanged)

    anna.block(boris.name)
    refused = boris.send_text(anna.name, "почему?")
    wait(lambda: boris.last(anna.name).state is MessageState.FAILED)

    assert "does not accept your messages" in str(boris.last(anna.name).failure)
    assert boris.last(anna.name).id == refused.id
    assert anna.heard(boris.name) == ["здравствуй"]
    assert anna.people.blocked.names == {boris.name}
    assert anna.blocked() == [boris.name]
    anna.unblock(boris.name)
    boris.send_again(boris.last(anna.name))
    wait(lambda: anna.heard(boris.name) == ["здравствуй", "почему?"])
    assert changes == [
        BlocksChanged((boris.name,), (boris.name,)),
        BlocksChanged((), (boris.name,)),
    ]


def test_a_first_message_to_whoever_has_blocked_its_sender_fails(
    person: People, name: Names
) -> None:
    anna, boris = person(name("anna")), person(name("boris"))
    anna.block(boris.name)

    boris.send_text(anna.name, "x")
    anna.send_text(boris.name, "y")
    for one, other in ((boris, anna), (anna, boris)):
        wait(lambda one=one, other=other: one.last(other.name).state is MessageState.FAILED)

    assert "does not accept" in str(boris.last(anna.name).failure)
    assert "unblock" in str(anna.last(boris.name).failure)


def test_both_go_on_in_an_encrypted_room_and_can_read_each_other_after_the_block(
    person: People, name: Names
) -> None:
    anna, boris = person(name("anna")), person(name("boris"))
    talking(anna, boris)
    room = name("#room")
    anna.join(room)
    boris.join(room)
    anna.block(boris.name)

    # A new session, whose key arrives by a to-device message.
    boris.send_text(room, "всем")
    anna.send_text(room, "и тебе")
    wait(lambda: anna.heard(room) == ["всем"] and boris.heard(room) == ["и тебе"])


def test_what_a_blocked_user_writes_in_a_room_is_not_unread(person: People, name: Names) -> None:
    anna, boris, vera = person(name("anna")), person(name("boris")), person(name("vera"))
    room = name("#room")
    for one in (anna, boris, vera):
        one.join(room)
    changes = told(anna, SummariesChanged)

    def unread() -> list[tuple[int, int]]:
        return [(row.unread, row.mentions) for row in anna.summaries() if row.name == room]

    boris.send_text(room, f"@{anna.name}")
    vera.send_text(room, "x")
    wait(lambda: unread() == [(2, 1)])

    anna.block(boris.name)
    assert unread() == [(1, 0)]
    wait(
        lambda: [
            row for one in changes for row in one.summaries if (row.name, row.unread) == (room, 1)
        ]
    )
    boris.send_text(room, "y")
    wait(lambda: "y" in anna.heard(room))
    assert unread() == [(1, 0)]

    anna.unblock(boris.name)
    assert unread() == [(3, 1)]


def test_a_blocked_user_cannot_ask_for_a_verification_even_in_a_common_room(
    person: People, name: Names
) -> None:
    anna, boris = person(name("anna")), person(name("boris"))
    talking(anna, boris)
    room = name("#room")
    for one in (anna, boris):
        one.join(room)
    lists: list[Any] = []
    with boris._lock:
        boris.core.encryption.device_lists.of(room, lists.append)
        boris._woken.set()
    wait(lambda: lists)
    anna.block(boris.name)

    for number in range(2):
        device = next(one for key, one in lists[0].devices.items() if key[0] == anna.name)
        offer = {
            "from_device": boris.core.encryption.context.identity.device_id,
            "methods": [METHOD],
            "transaction_id": f"t{number}",
        }
        asked = told(anna, VerificationChanged)
        send(boris, [Content(device, f"{PREFIX}request", offer)])
        # It arrives after the request.
        boris.send_text(room, str(number))
        wait(lambda number=number: str(number) in anna.heard(room))
        assert len(asked) == number
        if not number:
            anna.unblock(boris.name)


def test_another_device_of_the_account_follows_and_remembers_offline(
    person: People, name: Names
) -> None:
    anna, boris = person(name("anna")), person(name("boris"))
    store = Store()
    second = person(anna.name, store=store, register=False)
    changes = told(second, BlocksChanged)

    anna.block(boris.name)
    wait(lambda: changes)

    assert second.people.blocked.names == {boris.name}
    second.close()
    anna.unblock(boris.name)
    # As it was known to this device when it went offline.
    assert blocked_in(store) == {boris.name}


def test_a_block_that_ended_while_a_device_was_offline_is_over_there_too(
    person: People, name: Names
) -> None:
    anna, boris = person(name("anna")), person(name("boris"))
    store = Store()
    second = person(anna.name, store=store, register=False)
    anna.block(boris.name)
    wait(lambda: second.people.blocked.names)
    second.close()
    anna.unblock(boris.name)

    again = person(anna.name, store=store, register=False)

    wait(lambda: not again.people.blocked.names)


def test_who_is_unknown_or_not_blocked_is_refused(person: People, name: Names) -> None:
    anna = person(name("anna"))

    with pytest.raises(NotFound):
        anna.block(name("nobody"))
    with pytest.raises(NotFound):
        anna.unblock(name("nobody"))
    assert anna.people.blocked.names == frozenset()


def test_an_asynchronous_client_blocks_and_reports(one_server: Any, name: Names) -> None:
    async def talk() -> tuple[frozenset[str], list[str]]:
        credentials = [Credentials(name(one), PASSWORD, register=True) for one in ("anna", "boris")]
        async with (
            AsyncClient("127.0.0.1", one_server.port, credentials[0], Store()) as anna,
            AsyncClient("127.0.0.1", one_server.port, credentials[1], Store()) as boris,
        ):
            await boris.wait_until_online(60)
            await anna.wait_until_online(60)
            await anna.block(name("boris"))
            await anna.report(name("boris"), room="#all", reason="спам")
            return anna.people.blocked.names, await anna.blocked()

    assert asyncio.run(talk()) == ({name("boris")}, [name("boris")])


def test_a_report_shows_the_messages_that_were_chosen(person: People, name: Names) -> None:
    anna, boris = person(name("anna")), person(name("boris"))
    talking(anna, boris)
    heard: list[Any] = []
    ask = anna.core.ask

    def overhear(request: Any, on_answer: Any) -> None:
        heard.append(request)
        ask(request, on_answer)

    anna.core.ask = overhear  # type: ignore[method-assign]  # the request is looked at
    anna.report(boris.name, reason="грубит", messages=anna.all(boris.name)[-1:])

    (shown,) = heard[0].messages
    assert (shown.conversation, shown.from_, shown.text, shown.seq) == (
        boris.name,
        boris.name,
        "здравствуй",
        2,
    )


def test_too_many_reports_are_refused_with_a_time_to_wait(tmp_path: Any, name: Names) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "messenger.toml").write_text("[limits]\nreport_burst = 1\n", "utf-8")
    with running(data) as server:
        anna = Person("anna", server.port, Store())
        anna.report(room="#all", reason="x")
        with pytest.raises(TooMany) as refused:
            anna.report(room="#all", reason="x")
        anna.close()

    assert refused.value.retry_after


def test_a_server_that_lies_about_blocks_fills_no_memory_and_ends_nothing(
    person: People, name: Names, liar: LyingProxy
) -> None:
    anna = person(name("anna"), liar.port)
    boris = person(name("boris"))

    for number in range(3):
        liar.say({"action": "block", "account_name": "\0" * number, "blocked": True})
        liar.say({"action": "block", "account_name": number, "blocked": "yes"})
        liar.say({"action": "block"})
    lists = [["x"], "x", None, [1], [["x"]], [f"{number}" for number in range(20_000)]]
    liar.lie = lambda frame: (
        [frame | {"blocked": lists.pop()}] if lists and "contacts" in frame else [frame]
    )
    arrived = told(anna, ContactsChanged)
    for _ in range(len(lists)):
        with contextlib.suppress(ProtocolError):
            anna.contacts()

    assert arrived
    assert len(anna.people.blocked.names) <= 10_000
    boris.send_text(anna.name, "жива?")
    wait(lambda: "жива?" in anna.heard(boris.name))
