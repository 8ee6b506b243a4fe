"""`Client` and `AsyncClient` against a real server: talk, reconnect, resend, resync."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from messenger.jim.contacts import Whois
from messenger.jim.errors import NotFound, Unauthorized, WrongPassword
from messenger.jim.rooms import Join
from messenger.sdk import (
    AsyncClient,
    Client,
    ConnectionLost,
    Credentials,
    MessageReceived,
    NotOnline,
    StateChanged,
    Store,
)
from messenger.sdk.backoff import Backoff
from messenger.sdk.events import ConnectionState, MessageChanged, SummariesChanged
from messenger.sdk.store import IdentityTrust, MessageState
from tests.running import PASSWORD, RunningServer, Talker, running
from tests.running import until as wait
from tests.sdk.proxy import CuttingProxy


@pytest.fixture
def client(one_server: RunningServer) -> Iterator[Callable[..., Client]]:
    """Make clients: `client("ann", password)`; they are closed after the test."""
    made: list[Client] = []

    def make(
        name: str, password: str | None = None, *, port: int = 0, store: Store | None = None
    ) -> Client:
        register = password is not None
        credentials = Credentials(name, password, register=register)
        made.append(Client("127.0.0.1", port or one_server.port, credentials, store))
        return made[-1]

    yield make
    for one in made:
        one.close()


def online(client: Client) -> Client:
    client.start()
    assert client.wait_until_online(60)
    return client


def test_the_state_of_a_message_is_reported_up_to_read(client: Callable[..., Client]) -> None:
    ann, bob = client("ann1", PASSWORD), client("bob1", PASSWORD)
    states: list[MessageState] = []
    ann.on(MessageChanged)(lambda event: states.append(event.message.state))
    online(ann)
    bob.on(MessageReceived)(lambda event: bob.mark_read(event.message.conversation))
    online(bob)

    ann.send_text("bob1", "hi")

    wait(lambda: MessageState.READ in states)
    assert states[0] is MessageState.SENT


def test_what_was_written_before_the_server_came_goes_out(tmp_path: Path) -> None:
    with running(tmp_path / "server") as server:
        server.stop()
        client = Client("127.0.0.1", server.port, Credentials("ann"), Store(tmp_path / "ann.db"))
        states: list[ConnectionState] = []
        client.on(StateChanged)(lambda event: states.append(event.state))
        client.start()
        for number in range(3):
            client.send_text("#all", str(number))
        wait(lambda: ConnectionState.OFFLINE in states)
        assert not client.wait_until_sent(0.1)
        with pytest.raises(NotOnline):
            client.ask(Whois(account_name="ann"))

        server.start()

        assert client.wait_until_sent(60)
        assert [message.seq for message in client.store.page("#all")] == [1, 2, 3]
        client.close()


def test_a_refusal_is_raised_and_other_credentials_help(
    one_server: RunningServer, client: Callable[..., Client]
) -> None:
    with Talker(one_server.port) as link:
        link.register("ann2")
    ann = client("ann2")
    ann.start()
    with pytest.raises(Unauthorized):
        ann.wait_until_online(60)
    ann.log_in(Credentials("ann2", "wrong password"))
    with pytest.raises(WrongPassword):
        ann.wait_until_online(60)
    ann.log_in(Credentials("ann2", PASSWORD))

    assert ann.wait_until_online(60)


def test_a_request_returns_its_typed_answer_or_raises_the_refusal(
    client: Callable[..., Client],
) -> None:
    ann = online(client("ann3"))

    assert ann.ask(Whois(account_name="ann3")).people[0].guest
    with pytest.raises(NotFound, match="nobody at all"):
        ann.ask(Whois(account_name="nobody at all"))


def test_a_token_logs_in_where_the_password_is_not_known(
    one_server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    first = online(client("ann4", PASSWORD, store=Store(tmp_path / "ann.db")))
    first.close()
    again = Client("127.0.0.1", one_server.port, Credentials("ann4"), Store(tmp_path / "ann.db"))
    online(again)

    assert not again.core.is_guest
    again.close()


def test_a_second_device_has_the_last_page_and_the_rest_when_asked(
    one_server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    ann = online(client("ann5", PASSWORD))
    ann.ask(Join(room="#history5", encrypted=False))
    with Talker(one_server.port) as bob:
        bob.guest("bob5")
        bob.ask("join", room="#history5")
        for number in range(250):
            bob.ask("msg", to="#history5", message=str(number))
    second = Client(
        "127.0.0.1", one_server.port, Credentials("ann5", PASSWORD), Store(tmp_path / "second.db")
    )
    online(second)
    wait(lambda: len(second.store.page("#history5", limit=1_000)) == 100)

    older, oldest = (second.fetch_older("#history5") for _ in range(2))

    assert [(len(one.messages), one.is_start) for one in (older, oldest)] == [
        (100, False), (50, True),
    ]  # fmt: skip
    texts = [message.text for message in second.store.page("#history5", limit=1_000)]
    assert texts == [str(number) for number in range(250)]
    second.close()


def texts_of(client: Client, conversation: str, heard: list[int]) -> list[str]:
    """Return the texts of the reported messages."""
    texts = {one.id: one.text for one in client.store.page(conversation, limit=10_000)}
    return [texts[sent_id] for sent_id in heard]


@pytest.mark.soak
@pytest.mark.long
def test_connections_that_are_cut_anywhere_lose_and_double_nothing(
    one_server: RunningServer,
    client: Callable[..., Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    size: Callable[[int, int], int],
) -> None:
    """A connection may end within any request or reply."""
    monkeypatch.setattr(Backoff, "pause", lambda self, least=0.0: 0.02)
    count = size(25, 150)
    chance = random.Random(seed)
    calm = threading.Event()
    proxy = CuttingProxy(
        one_server.port, lambda: None if calm.is_set() else chance.randint(200, 6_000)
    )
    ann = client("ann6", PASSWORD, port=proxy.port, store=Store(tmp_path / "ann.db"))
    bob = client("bob6", PASSWORD, port=proxy.port, store=Store(tmp_path / "bob.db"))
    heard: dict[str, list[int]] = {"ann6": [], "bob6": []}
    for one in (ann, bob):
        mine = heard[one.core.credentials.name]
        one.on(MessageReceived)(lambda event, mine=mine: mine.append(event.message.id))
        one.start()

    def progress() -> tuple[int, ...]:
        return proxy.connections, *(len(texts) for texts in heard.values())

    for number in range(count):
        before = progress()
        ann.send_text("bob6", f"a{number}")
        bob.send_text("ann6", f"b{number}")
        wait(lambda: progress() != before, 60)  # noqa: B023  at once
    calm.set()
    assert ann.wait_until_sent(60)
    assert bob.wait_until_sent(60)
    wait(lambda: all(len(texts) >= count for texts in heard.values()), 60)
    proxy.close()

    assert proxy.connections > 10, "nothing was cut"
    said = {who: [f"{who}{number}" for number in range(count)] for who in "ab"}
    # A key may arrive later than its message if a connection was cut in between.
    wait(lambda: texts_of(bob, "ann6", heard["bob6"]) == said["a"])
    wait(lambda: texts_of(ann, "bob6", heard["ann6"]) == said["b"])
    failed = [one for one in ann.store.page("bob6", limit=10_000) if one.state == "failed"]
    assert failed == []
    assert len(ann.store.page("bob6", limit=10_000)) == 2 * count
    assert [one.text for one in ann.store.page("bob6", limit=10_000)] == [
        one.text for one in bob.store.page("ann6", limit=10_000)
    ]


def test_a_handler_that_fails_keeps_nothing_from_the_others(client: Callable[..., Client]) -> None:
    ann, bob = client("ann7"), client("bob7")
    heard = []

    @bob.on(MessageReceived)
    def fails(event: MessageReceived) -> None:
        raise RuntimeError(event.message.text)

    bob.on(MessageReceived)(lambda event: heard.append(event.message.text))
    online(bob)
    online(ann)
    ann.send_text("bob7", "one")
    ann.send_text("bob7", "two")

    wait(lambda: heard == ["one", "two"])


def test_a_verb_that_waits_is_refused_in_a_handler_at_once(client: Callable[..., Client]) -> None:
    ann, bob = online(client("ann10", PASSWORD)), online(client("bob10", PASSWORD))
    told_in: set[str] = set()

    def waits(_event: object) -> None:
        for verb in (bob.logins, bob.wait_until_sent):
            with pytest.raises(RuntimeError, match="A handler cannot wait"):
                verb()
            told_in.add(threading.current_thread().name)

    bob.on(MessageReceived)(waits)
    bob.on(SummariesChanged)(waits)
    ann.send_text("bob10", "one")
    wait(lambda: told_in == {"receiving", "sending"})

    assert bob.logins()


def test_the_asynchronous_client_has_the_same_verbs(one_server: RunningServer) -> None:
    async def talk() -> list[str]:
        heard: asyncio.Queue[str] = asyncio.Queue()
        ann = AsyncClient("127.0.0.1", one_server.port, Credentials("ann8"))
        bob = AsyncClient("127.0.0.1", one_server.port, Credentials("bob8"))

        @bob.on(MessageReceived)
        async def answer(event: MessageReceived) -> None:
            bob.send_text(event.message.conversation, event.message.text.upper())

        ann.on(MessageReceived)(lambda event: heard.put_nowait(event.message.text))
        async with ann, bob:
            await asyncio.gather(ann.wait_until_online(), bob.wait_until_online())
            assert (await ann.ask(Whois(account_name="bob8"))).people[0].state == "online"
            for number in range(5):
                ann.send_text("bob8", f"n{number}")
            await ann.wait_until_sent()
            return [await asyncio.wait_for(heard.get(), 60) for _ in range(5)]

    assert asyncio.run(talk()) == [f"N{number}" for number in range(5)]


def test_the_asynchronous_client_comes_back_by_itself(tmp_path: Path) -> None:
    async def talk(server: RunningServer) -> None:
        async with AsyncClient("127.0.0.1", server.port, Credentials("ann")) as ann:
            await ann.wait_until_online()
            server.kill()
            ann.send_text("#all", "meanwhile")
            with pytest.raises((NotOnline, ConnectionLost)):
                await ann.ask(Whois(account_name="ann"))
            server.start()
            await asyncio.wait_for(ann.wait_until_sent(), 60)

    with running(tmp_path / "server") as server:
        asyncio.run(talk(server))


def test_the_asynchronous_client_logs_in_with_another_password_after_a_refusal(
    one_server: RunningServer, client: Callable[..., Client], name: Callable[[str], str]
) -> None:
    online(client(name("ann"), PASSWORD)).close()

    async def talk() -> None:
        wrong = Credentials(name("ann"), "not this one")
        async with AsyncClient("127.0.0.1", one_server.port, wrong, Store()) as ann:
            with pytest.raises(WrongPassword):
                await ann.wait_until_online(60)
            ann.log_in(Credentials(name("ann"), PASSWORD))
            assert await ann.wait_until_online(60)
            assert [login.address for login in await ann.logins()] == ["127.0.0.1"] * 2

    asyncio.run(talk())


def test_the_asynchronous_client_has_rooms_people_and_keys(
    one_server: RunningServer,
    client: Callable[..., Client],
    name: Callable[[str], str],
    tmp_path: Path,
) -> None:
    bob = online(client(name("bob"), PASSWORD, store=Store(tmp_path / "bob.db")))

    store = Store(tmp_path / "ann.db")

    async def talk() -> None:
        mine = Credentials(name("ann"), PASSWORD, register=True)
        async with AsyncClient("127.0.0.1", one_server.port, mine, store) as ann:
            assert await ann.wait_until_online(60)
            room = name("#room")
            assert (await ann.join(room)).made
            assert [one.account_name for one in await ann.members(room)] == [name("ann")]
            await ann.add_contact(name("bob"))
            assert (await ann.contacts())[0].state == "online"
            assert [device.is_this for device in await ann.keys.own_devices()] == [True]
            number = await ann.keys.safety_number(name("bob"))
            assert number == await asyncio.to_thread(bob.keys.safety_number, name("ann"))
            await ann.keys.verify(name("bob"))
            assert ann.keys.trust_of(name("bob")) is IdentityTrust.VERIFIED

    asyncio.run(talk())


def test_a_contact_who_goes_is_told_of_and_known_to_be_offline(
    one_server: RunningServer, client: Callable[..., Client], name: Callable[[str], str]
) -> None:
    ann, bob = online(client(name("ann"), PASSWORD)), online(client(name("bob"), PASSWORD))
    ann.add_contact(name("bob"))
    assert ann.contacts()[0].state == "online"

    bob.close()

    wait(lambda: ann.people.contacts()[0].state == "offline")


def test_pauses_grow_and_are_jittered() -> None:
    backoff = Backoff()
    pauses = [backoff.pause() for _ in range(12)]

    assert pauses[0] < 3
    assert max(pauses) <= 60
    assert sum(pauses[6:]) > sum(pauses[:6])
    assert len(set(pauses)) > 6
    assert backoff.pause(1_000) >= 1_000
    backoff.reset()
    assert backoff.pause() < 3


def test_bytes_for_a_connection_that_has_ended_are_sent_on_no_other(
    client: Callable[..., Client], name: Callable[[str], str]
) -> None:
    """The sending thread may be late: the next connection would get them before its handshake."""
    ann = client(name("ann"))
    ann.start()
    assert ann.wait_until_online(60)
    late, may_go_on = threading.Event(), threading.Event()
    sent = ann.send

    def send(data: bytes, *by: Any) -> None:
        if b"late" in data:
            late.set()
            assert may_go_on.wait(30)
        sent(data, *by)

    ann.send = send  # type: ignore[method-assign]  to hold what the real one sends
    ann.send_text("#all", "late")
    assert late.wait(30)
    ann._break()
    wait(lambda: ann.core.state is ConnectionState.HANDSHAKE)
    may_go_on.set()

    assert ann.wait_until_online(60)
    assert ann.wait_until_sent(30)
