"""What a window follows at a real server: batches of events, the list, members, who is typing."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from messenger.sdk import AsyncClient, Client, Credentials, typing
from messenger.sdk.backoff import Backoff
from messenger.sdk.events import (
    ConnectionState,
    CoreEvent,
    MembersChanged,
    MessageReceived,
    StateChanged,
    SummariesChanged,
)
from messenger.sdk.results import TypingNotice
from messenger.sdk.store import ConversationSummary, Store
from tests.running import PASSWORD, RunningServer, running
from tests.sdk.person import Names, People, Person, told, wait

ONE_HOUR = 3600.0


class Followed:
    """What a window knows that has read the list once, and follows the events since."""

    def __init__(self, client: Client | AsyncClient) -> None:
        self.client = client
        self.batches: list[list[CoreEvent]] = []
        client.on_batch(self.take)
        self.rows: dict[str, ConversationSummary] = {one.name: one for one in client.summaries()}

    def take(self, events: list[CoreEvent]) -> None:
        self.batches.append(events)
        for event in events:
            if isinstance(event, SummariesChanged):
                self.rows |= {one.name: one for one in event.summaries}

    @property
    def is_right(self) -> bool:
        return self.rows == {one.name: one for one in self.client.summaries()}


def talk(ann: Any, bob: Person, room: str) -> None:
    """Do what changes the rows of bob's list in each way that there is."""
    bob.join(room)
    ann.join(room)
    ann.send_text(room, f"@{bob.name}, привет")
    ann.send_text(bob.name, "one")
    bob.send_text(ann.name, "two")
    bob.add_contact(ann.name)
    ann.set_status("обед", away=True)
    bob.set_topic(room, "чай")
    bob.set_draft(room, "что я хотел сказать")
    bob.pin(ann.name)
    bob.mute(room, time.time() + ONE_HOUR)
    wait(lambda: "one" in bob.heard(ann.name) and bob.heard(room))
    bob.mark_read(room)
    bob.keys.safety_number(ann.name)
    bob.keys.verify(ann.name)
    assert ann.wait_until_sent(60)
    assert bob.wait_until_sent(60)


def test_a_list_that_follows_the_events_is_the_list_that_is_read_anew(
    person: People, name: Names
) -> None:
    ann, bob = person(name("Анна")), person(name("a/b%41"))
    followed = Followed(bob)

    talk(ann, bob, name("#кафе"))
    wait(lambda: (row := followed.rows.get(ann.name)) and row.person and row.person.status)
    wait(lambda: followed.is_right)

    row = followed.rows[ann.name]
    assert (row.unread, row.pinned, row.trust) == (1, True, "verified")
    assert row.person is not None
    assert (row.person.state, row.person.status) == ("away", "обед")


def test_a_client_on_asyncio_follows_as_well(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann, me = person(name("Анна")), name("名前")

    async def work() -> None:
        credentials = Credentials(me, PASSWORD, register=True)
        async with AsyncClient("127.0.0.1", one_server.port, credentials) as client:
            followed = Followed(client)
            arrived = asyncio.Event()
            client.on(MessageReceived)(lambda _: arrived.set())
            assert await client.wait_until_online(60)
            client.send_text(ann.name, "one")
            await asyncio.to_thread(wait, lambda: ann.heard(me))
            ann.send_text(me, "two")
            async with asyncio.timeout(60):
                await arrived.wait()
                await client.wait_until_sent()
            assert followed.is_right
            assert [one.text for one in (followed.rows[ann.name].last,) if one] == ["two"]

    asyncio.run(work())


def test_a_handler_that_calls_a_verb_leaves_the_others_the_order_of_events() -> None:
    async def work() -> None:
        client = AsyncClient("127.0.0.1", 1, Credentials("ann"), Store())

        @client.on(SummariesChanged)
        def pin(event: SummariesChanged) -> None:
            if not event.summaries[0].pinned:
                client.pin("bob")

        followed = Followed(client)
        shown: list[bool] = []
        client.on(SummariesChanged)(lambda event: shown.append(event.summaries[0].pinned))

        client.set_draft("bob", "чай")

        assert shown == [False, True]
        assert followed.is_right

    asyncio.run(work())


def test_a_batch_has_what_handlers_of_single_events_get_in_the_same_order(
    person: People, name: Names
) -> None:
    ann, bob = person(name("Анна")), person(name("bob"))
    received: list[object] = told(bob, MessageReceived)
    batches: list[list[CoreEvent]] = []

    @bob.on_batch
    def take(events: list[CoreEvent]) -> None:
        batches.append(events)
        raise KeyError("a bug in a handler ends nothing")

    for number in range(50):
        ann.send_text(bob.name, str(number))
    wait(lambda: len(received) == 50)

    batched = [one for events in batches for one in events if isinstance(one, MessageReceived)]
    assert batched == received
    assert [one.message.text for one in batched] == [str(number) for number in range(50)]


def test_the_members_of_a_room_and_who_created_it_are_followed(person: People, name: Names) -> None:
    ann, bob, room = person(name("Анна")), person(name("bob")), name("#чай")
    ann.join(room)
    bob.join(room)
    ann.members(room)
    changed = told(ann, MembersChanged)

    def known() -> dict[str, bool]:
        return {one.account_name: one.creator for one in ann.people.members(room) or ()}

    assert known() == {ann.name: True, bob.name: False}
    carl = person(name("carl"))
    carl.join(room)
    wait(lambda: changed == [MembersChanged(room)])
    bob.leave(room)
    wait(lambda: len(changed) == 2)
    assert known() == {ann.name: True, carl.name: False}


def test_the_next_creator_is_known_when_the_first_has_left(person: People, name: Names) -> None:
    ann, bob, room = person(name("Анна")), person(name("bob")), name("#чай")
    ann.join(room)
    bob.join(room)
    bob.members(room)

    ann.leave(room)

    wait(lambda: [(one.account_name, one.creator) for one in bob.people.members(room) or ()]
         == [(bob.name, True)])  # fmt: skip


def test_typing_ends_with_its_message_with_time_and_with_the_connection(
    person: People, name: Names
) -> None:
    ann, bob = person(name("Анна")), person(name("bob"))
    ann.send_text(bob.name, "hello")
    notices: list[Any] = told(bob, TypingNotice)
    for end in (
        lambda: ann.send_text(bob.name, "here it is"),
        lambda: _in_core(bob, lambda: bob.core.tick(time.monotonic() + 7)),
        lambda: ann.typing(bob.name, stopped=True),
        bob._break,
    ):
        notices.clear()
        ann.typing(bob.name)
        wait(lambda: bob.people.typing.in_conversation(ann.name) == [ann.name])
        end()
        wait(lambda: [one.stopped for one in notices] == [False, True])
        assert bob.people.typing.conversations() == set()


def _in_core(client: Client, do: Callable[[], object]) -> None:
    client._at_once(do)


def test_a_pause_between_two_attempts_is_shown_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backoff, "pause", lambda *_: ONE_HOUR)
    with running(tmp_path / "server") as server:
        server.stop()
        client = Client("127.0.0.1", server.port, Credentials("Анна"))
        client.start()
        try:
            wait(lambda: client.connection.state is ConnectionState.OFFLINE)
            wait(lambda: client.connection.retry_at)
            assert client.connection.retry_at == pytest.approx(time.time() + ONE_HOUR, abs=60)
            server.start()

            client.try_now()

            assert client.wait_until_online(60)
            assert client.connection == StateChanged(ConnectionState.ONLINE)
        finally:
            client.close()


def test_a_client_on_asyncio_shows_and_ends_such_a_pause_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backoff, "pause", lambda *_: ONE_HOUR)

    async def work(server: RunningServer) -> None:
        async with AsyncClient("127.0.0.1", server.port, Credentials("Анна"), Store()) as client:
            await client._wait_until(lambda: client.connection.retry_at is not None, 60)
            assert client.connection.retry_at == pytest.approx(time.time() + ONE_HOUR, abs=60)
            await asyncio.to_thread(server.start)

            client.try_now()

            assert await client.wait_until_online(60)
            assert client.connection == StateChanged(ConnectionState.ONLINE)

    with running(tmp_path / "server") as server:
        server.stop()
        asyncio.run(work(server))


def test_typing_ends_with_time_on_asyncio_as_well(
    person: People, name: Names, one_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing, "_VALID", 0.1)
    ann, me = person(name("Анна")), name("bob")

    async def work() -> None:
        credentials = Credentials(me, PASSWORD, register=True)
        async with AsyncClient("127.0.0.1", one_server.port, credentials, Store()) as client:
            notices = told(client, TypingNotice)
            assert await client.wait_until_online(60)
            client.send_text(ann.name, "hello")
            assert await client.wait_until_sent(60)

            ann.typing(me)

            await client._wait_until(lambda: len(notices) == 2, 60)
            assert [one.stopped for one in notices] == [False, True]
            assert not client.people.typing.conversations()

    asyncio.run(work())
