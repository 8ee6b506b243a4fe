"""Times that are not trusted, and texts up to the server's limits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.console.screen.layout import Look, NameColours, lay_out
from messenger.jim.errors import BadRequest, TextTooLong
from messenger.jim.messages import Message
from messenger.sdk import Client, Credentials, MessageChanged, StateChanged, Store
from messenger.sdk.errors import MessageOverLimit
from messenger.sdk.events import Emptiness, MessageReceived
from messenger.sdk.store import MessageState
from messenger.sdk.store.engine import key_beside, set_key
from messenger.sdk.store.sent_messages import Committed
from messenger.ui.json_lines import message_json
from messenger.ui.timeline import arranged
from messenger.ui.wording import message_line
from tests.running import PASSWORD, RunningServer, Talker, running

NOW = time.time()
SENDER_CLOCKS = [1.0, 4102444800.0, NOW, -1e10, 1e15, NOW + 3_000]


def come(seq: int, sender: str, clock: float, stored: float) -> Message:
    return Message(time=clock, to="Иван", from_=sender, message="x", seq=seq, stored=stored)


@pytest.mark.parametrize("clocks", [SENDER_CLOCKS, SENDER_CLOCKS[::-1]])
def test_conversations_are_in_the_order_in_which_something_came(clocks: list[float]) -> None:
    store = Store()
    for number, clock in enumerate(clocks):
        name = f"名前{number}"
        store.add_received(name, "Иван", [come(1, name, clock, NOW + number)])

    expected = [f"名前{number}" for number in range(len(clocks))][::-1]
    assert [row.name for row in store.summaries()] == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 4e9))
def test_a_time_that_is_shown_is_never_far_from_when_it_came(clock: float, stored: float) -> None:
    store = Store()
    (message,) = store.add_received("bob", "Иван", [come(1, "bob", clock, stored)])

    assert abs(message.shown_time - message.stored) <= 300
    if abs(clock - message.stored) <= 300:
        assert message.shown_time == (clock or message.shown_time)
    store.close()


def test_days_and_groups_are_those_of_the_server() -> None:
    store = Store()
    messages = store.add_received(
        "bob",
        "Иван",
        [come(number, "bob", clock, NOW) for number, clock in enumerate(SENDER_CLOCKS, 1)],
    )
    lines = [
        str(line.text)
        for line in lay_out(arranged(messages, "Иван"), Look(60, "Иван", NameColours("Иван")))
    ]

    assert sum("──" in line for line in lines) == 1, "one day"
    assert sum("bob" in line for line in lines) == 1, "one group"
    then = time.strftime("%H:", time.localtime(messages[0].stored))
    # With the day before it once midnight has passed since.
    assert then in message_line(messages[0], "Иван").partition("bob")[0]
    assert f'"stored":{NOW}'[:20] in message_json(messages[0])
    assert '"time":1.0' in message_json(messages[0])


def test_an_own_message_shows_when_it_was_written_though_it_was_sent_later() -> None:
    store = Store()
    store.add_unsent("bob", "Иван", "offline", "1", NOW - 7_000)
    [sent], _ = store.set_sent("bob", [Committed("1", 1, NOW)])

    assert (sent.shown_time, sent.stored) == (NOW - 7_000, NOW)


def test_a_database_of_an_earlier_version_gets_times_of_arrival(tmp_path: Path) -> None:
    import sqlcipher3.dbapi2 as sqlite

    file = tmp_path / "ann.db"
    store = Store(file)
    store.add_received("bob", "Иван", [come(1, "bob", NOW, NOW)])
    store.close()
    raw = sqlite.connect(str(file))
    set_key(raw, key_beside(file))
    raw.execute("ALTER TABLE messages DROP COLUMN stored")
    raw.execute("ALTER TABLE conversations DROP COLUMN joined")
    raw.execute("PRAGMA user_version=3")
    raw.close()

    (message,) = Store(file).page("bob")
    assert message.stored == message.time == NOW


# --- limits -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    config = tmp_path_factory.mktemp("config") / "server.toml"
    config.write_text("[limits]\ntext_length = 8000\nobject_size = 98048\n")
    data = tmp_path_factory.mktemp("server")
    with running(data, "--limits", "off", "--config", str(config)) as server:
        yield server


@contextmanager
def person(server: RunningServer, name: str, *, guest: bool = False) -> Iterator[Client]:
    credentials = Credentials(name) if guest else Credentials(name, PASSWORD, register=True)
    client = Client("127.0.0.1", server.port, credentials)
    client.start()
    assert client.wait_until_online(60)
    yield client
    client.close()


def collected(client: Client, event: type, seen: Callable[[object], object]) -> list[object]:
    found: list[object] = []
    client.on(event)(lambda one: found.append(seen(one)))
    return found


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_text_over_the_limit_is_refused_before_it_is_kept(
    server: RunningServer, encrypted: bool
) -> None:
    me, other = f"длинный {int(encrypted)}", f"名前 {int(encrypted)}"
    with person(server, me) as client, person(server, other):
        to = other if encrypted else "#all"
        lost = collected(client, StateChanged, lambda event: event)
        with pytest.raises(TextTooLong, match=r"8001 characters.*at most 8000"):
            client.send_text(to, "x" * 8001)
        assert client.store.page(to) == []
        client.send_text(to, "x" * 8000)
        assert client.wait_until_sent(15)
        assert client.store.page(to)[-1].state is not MessageState.FAILED
        assert lost == []


def test_a_message_that_fits_no_object_fails_alone(server: RunningServer) -> None:
    """Another server may accept 8,000 characters, but not as many bytes as these have."""
    with person(server, "Иван") as ann, person(server, "名前") as bob:
        assert ann.core._link is not None
        ann.core._link.max_object = 20_000
        arrived = threading.Event()

        @bob.on(MessageReceived)
        def note(event: MessageReceived) -> None:
            if event.message.text == "after it":
                arrived.set()

        lost = collected(ann, StateChanged, lambda event: event)
        failed = collected(ann, MessageChanged, lambda event: event.message)  # type: ignore[attr-defined]
        for text in ("before it", "漢" * 8000, "after it"):
            ann.send_text("名前", text)
        assert ann.wait_until_sent(15)
        assert arrived.wait(60)

        states = [one.state is MessageState.FAILED for one in ann.store.page("名前")]
        assert sorted(states) == [False, False, True]
        (error,) = [one.failure for one in failed if one.failure]  # type: ignore[attr-defined]
        assert isinstance(error, MessageOverLimit)
        assert "20000" in str(error)
        assert lost == []


def test_a_limit_is_known_while_the_server_is_away(tmp_path: Path, server: RunningServer) -> None:
    store = Store(tmp_path / "ann.db")
    client = Client("127.0.0.1", server.port, Credentials("гость"), store)
    client.start()
    assert client.wait_until_online(60)
    client.close()

    again = Client("127.0.0.1", server.port, Credentials("гость"), store)
    with pytest.raises(TextTooLong):
        again.send_text("#all", "x" * 8001)


# --- when a conversation is empty ---------------------------------------------------------------


def why_empty_once_listed(client: Client, conversation: str) -> Emptiness:
    end = time.monotonic() + 15
    while (found := client.core.why_empty(conversation)) is Emptiness.LOADING:
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def test_an_empty_conversation_is_told_from_one_that_is_not_here_yet(server: RunningServer) -> None:
    with Talker(server.port) as talker:
        talker.guest("раньше")
        talker.ask("msg", to="#all", message="before")
        client = Client("127.0.0.1", server.port, Credentials("пусто", PASSWORD, register=True))
        assert client.core.why_empty("#all") is Emptiness.LOADING
        client.start()
        assert client.wait_until_online(60)
        assert why_empty_once_listed(client, "#all") is Emptiness.OLDER
        assert why_empty_once_listed(client, "名前") is Emptiness.EMPTY
        client.close()
        with person(server, "гостья", guest=True) as guest:
            assert why_empty_once_listed(guest, "#all") is Emptiness.HIDDEN


def test_what_is_no_text_is_refused_before_it_is_kept() -> None:
    client = Client("127.0.0.1", 7777, Credentials("Иван"))

    with pytest.raises(BadRequest, match="not UTF-8"):
        client.send_text("#all", "a \udcff b")

    assert client.store.count_unsent() == 0
    client.close()
