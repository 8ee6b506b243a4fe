"""Sending without I/O: in the order of writing, each once, whatever is refused or breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from messenger.jim.base import Reply
from messenger.jim.devices import DevicesChanged
from messenger.jim.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    Offline,
    OutdatedDevices,
    OutOfOrder,
    ProtocolError,
    ServerError,
    TextTooLong,
    TooMany,
)
from messenger.jim.history import ListConversations
from messenger.jim.messages import SendMessage
from messenger.jim.session import ORDER, Authenticate, SizeLimits
from messenger.sdk.events import MessageChanged
from messenger.sdk.store import MessageState
from tests.sdk.playbook import ME, PLAIN, PlayedServer, played, texts

BOB, ROOM = "名前", "#кафе"


def write(server: PlayedServer, *said: str, to: str = BOB) -> None:
    for text in said:
        server.core.outbox.add(to, text, 5)
    server.run()


def sent(server: PlayedServer, to: str = BOB) -> list[str]:
    """Return what the server has got of Ivan."""
    return [one.message for one in server.logs.get(to, []) if one.from_ == ME]


def refusing(server: PlayedServer, *errors: ProtocolError) -> None:
    """Refuse the next messages with these errors, and take what comes after."""
    honest, left = server.answers[SendMessage], list(errors)
    server.answers[SendMessage] = lambda request: left.pop(0) if left else honest(request)


STORE, LOSE, REFUSE, WAIT, OUTDATED = "store", "lose the answer", "refuse", "wait", "outdated"
UNORDERED = tuple(feature for feature in PLAIN if feature != ORDER)


def decide(server: PlayedServer, fates: list[str]) -> None:
    """Have the next messages these fates; what comes after them is stored."""
    honest, left = server.answers[SendMessage], list(fates)

    def answer(request: SendMessage) -> Reply | ProtocolError | None:
        fate = left.pop(0) if left else STORE
        is_stored = request.id in [one.id for one in server.logs.get(request.to, [])]
        if fate is REFUSE and not is_stored:
            return NotFound("Nobody is called so")
        if fate is WAIT:
            return TooMany("Too fast", retry_after=1)
        if fate is OUTDATED and not is_stored:
            return OutdatedDevices("changed", DevicesChanged(409, version="2"))
        stored = honest(request)
        return None if fate is LOSE else stored

    server.answers[SendMessage] = answer


@given(
    st.lists(st.sampled_from([STORE, LOSE, REFUSE, WAIT, OUTDATED]), max_size=16),
    st.lists(st.sampled_from([BOB, ROOM]), min_size=1, max_size=12),
    st.sampled_from([0, 1, 5]),
    st.booleans(),
)
def test_whatever_happens_to_them_messages_arrive_once_and_in_the_order_of_writing(
    fates: list[str], where: list[str], online: int, ordered: bool
) -> None:
    """In each conversation, however many are on their way, and whether the server knows orders."""
    server = played()
    if not ordered:
        welcome = server.welcome(features=UNORDERED)
        server.answers[Authenticate] = lambda _: welcome
    decide(server, fates)
    said: dict[str, list[str]] = {BOB: [], ROOM: []}
    for number, to in enumerate(where):
        if number == online:
            server.connect()
        said[to].append(f"{number}")
        write(server, f"{number}", to=to)
    for _ in range(2 * len(fates) + 2):
        server.core.disconnected()
        server.connect()
        for _ in range(3):
            server.pass_time(6)

    for to, written in said.items():
        states = {one.text: one.state for one in server.core.store.page(to)}
        assert set(states.values()) <= {MessageState.SENT, MessageState.FAILED}
        assert sent(server, to) == [text for text in written if states[text] is MessageState.SENT]


def test_many_messages_are_on_their_way_at_once_and_each_names_the_one_before() -> None:
    server = played().connect()
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda _: None
    write(server, *(f"{number}" for number in range(300)))
    on_the_way = server.asked(SendMessage)
    assert 1 < len(on_the_way) < 300
    assert [one.after for one in on_the_way] == [UNSET, *(one.id for one in on_the_way[:-1])]

    server.answers[SendMessage] = honest
    server.run()

    assert sent(server) == [f"{number}" for number in range(300)]


def test_a_server_that_keeps_no_order_gets_one_message_at_a_time() -> None:
    server = played()
    server.answers[Authenticate] = lambda _: server.welcome(features=UNORDERED)
    server.connect()
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda _: None
    write(server, "one", "two")
    assert [(one.message, one.after) for one in server.asked(SendMessage)] == [("one", UNSET)]

    server.answers[SendMessage] = honest
    server.run()

    assert sent(server) == ["one", "two"]


def test_a_conversation_that_cannot_be_sent_to_holds_up_no_other() -> None:
    server = played()
    write(server, "to a guest who is not back yet")
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda request: (
        Offline("Nobody is called so") if request.to == BOB else honest(request)
    )
    server.connect()

    write(server, "to a room", to=ROOM)

    assert sent(server, ROOM) == ["to a room"]
    assert server.core.store.count_unsent() == 1


def test_an_outdated_list_costs_one_round_for_all_that_are_on_their_way() -> None:
    server = played().connect()
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda _: None
    write(server, *(f"{number}" for number in range(20)))
    first = server.asked(SendMessage)
    refusing_once = [OutdatedDevices("changed", DevicesChanged(409, version="2"))]

    server.answers[SendMessage] = lambda request: (
        refusing_once.pop() if refusing_once else honest(request)
    )
    server.run()

    assert sent(server) == [f"{number}" for number in range(20)]
    assert len(first) + len(server.asked(SendMessage)) <= 2 * 20


def test_a_server_that_always_says_that_one_is_missing_is_not_asked_all_the_time() -> None:
    server = played().connect()
    server.answers[SendMessage] = lambda _: OutOfOrder("The one before is missing")

    write(server, "one", "two")
    for _ in range(60):
        server.pass_time(1)

    assert 2 < len(server.asked(SendMessage)) < 60
    assert server.core.store.count_unsent() == 2


def test_what_is_written_offline_waits_for_the_server() -> None:
    server = played()
    write(server, "later")
    assert server.core.store.count_unsent() == 1

    server.connect()

    assert sent(server) == ["later"]


def test_a_message_that_is_refused_says_why_and_may_be_sent_again_under_its_id() -> None:
    server = played().connect()
    refusing(server, Forbidden("You are not in the room"))
    write(server, "hi", "and more")
    failed = server.core.store.page(BOB)[0]
    if failed.text != "hi":
        failed = server.core.store.page(BOB)[1]
    assert (failed.state, failed.reason) == (MessageState.FAILED, "You are not in the room")
    assert sent(server) == ["and more"]

    again = server.core.outbox.add_again(failed)
    server.run()

    assert again.state is MessageState.UNSENT
    assert sent(server) == ["and more", "hi"]
    assert server.logs[BOB][1].id == failed.sent_id
    assert server.core.outbox.add_again(failed._replace(sent_id="no such")).text == "hi"


@pytest.mark.parametrize(
    ("error", "pause"),
    [(TooMany("Too fast", retry_after=3), 3), (ServerError("The disk is full"), 5)],
)
def test_a_server_that_cannot_now_is_asked_again_after_a_pause(
    error: ProtocolError, pause: float
) -> None:
    server = played().connect()
    refusing(server, error)
    write(server, "hi")
    server.pass_time(0)

    server.pass_time(pause - 1)
    assert sent(server) == []
    server.pass_time(1)

    assert sent(server) == ["hi"]


def test_who_is_not_back_yet_gets_what_was_written_before_a_moment_later() -> None:
    """The same server may have lost the other one, a guest, too."""
    server = played()
    write(server, "hi")
    refusing(server, *[Offline("Nobody is called so")] * 3)

    server.connect()
    for _ in range(20):
        server.pass_time(1)

    assert sent(server) == ["hi"]


def test_but_not_for_ever() -> None:
    server = played()
    write(server, "hi")
    refusing(server, *[Offline("Nobody is called so")] * 100)

    server.connect()
    for _ in range(60):
        server.pass_time(1)

    assert server.core.store.page(BOB)[0].state is MessageState.FAILED


def test_a_message_to_somebody_who_is_away_fails_at_once() -> None:
    server = played().connect()
    refusing(server, Offline("Nobody is called so"))

    write(server, "hi")

    assert server.core.store.page(BOB)[0].state is MessageState.FAILED
    changed = [one for one in server.core.events() if isinstance(one, MessageChanged)]
    assert isinstance(changed[-1].error, Offline)


def test_an_answer_that_comes_after_the_connection_broke_is_of_no_account() -> None:
    server = played().connect()
    server.answers[SendMessage] = lambda _: None
    write(server, "hi")

    server.core.disconnected()

    assert server.core.store.count_unsent() == 1


def test_a_direct_chat_that_begins_with_a_message_is_looked_up() -> None:
    server = played().connect()
    server.requests.clear()

    write(server, "the first", "the second")
    write(server, "in a room", to=ROOM)

    assert len(server.asked(ListConversations)) == 1


def test_what_the_server_has_forgotten_is_told_where_its_numbers_begin_anew() -> None:
    server = played().connect()
    write(server, "one", "two", "three")
    server.logs[BOB].clear()

    write(server, "four")

    assert set(texts(server, BOB)) == {"one", "two", "three", "four"}
    assert [one.text for one in server.core.store.page(BOB) if one.seq == 1] == ["four"]


# --- texts -------------------------------------------------------------------------------------


def test_a_text_over_the_limit_is_refused_before_it_is_kept_also_offline_later() -> None:
    server = played()
    server.core.outbox.add(BOB, "x" * 5000, 5)  # nobody knows how much the server takes
    welcome = server.welcome(limits=SizeLimits(65536, 10, 100))
    server.answers[type(server.connect().requests[0])] = lambda _: welcome
    server.core.disconnected()
    server.connect()
    server.core.disconnected()

    with pytest.raises(TextTooLong):
        server.core.outbox.add(BOB, "x" * 11, 5)
    assert server.core.outbox.add(BOB, "x" * 10, 5).state is MessageState.UNSENT


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadRequest, match="not UTF-8"):
        played().core.outbox.add(BOB, "a\udc80b", 5)


def test_the_common_chat_has_two_names() -> None:
    server = played().connect()

    write(server, "hi", to="#")

    assert sent(server, "#all") == ["hi"]


def test_a_message_that_is_written_while_received_ones_are_stored_is_sent() -> None:
    server = played().connect()

    # As when another thread writes while this one stores what one read has brought.
    with server.core.store.batch():
        server.core.outbox.add(BOB, "one", 5)
        server.core.outbox.go()
    server.run()

    assert sent(server) == ["one"]
