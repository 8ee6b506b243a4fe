"""Sending without I/O: in the order of writing, each once, whatever is refused or breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    Offline,
    ProtocolError,
    ServerError,
    TextTooLong,
    TooMany,
)
from messenger.jim.history import ListConversations
from messenger.jim.messages import SendMessage, Stored
from messenger.jim.session import SizeLimits
from messenger.sdk.events import MessageChanged
from messenger.sdk.store import MessageState
from tests.sdk.playbook import ME, PlayedServer, played, texts

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


STORE, LOSE, REFUSE, WAIT = "store", "lose the answer", "refuse", "wait"


@given(
    st.lists(st.sampled_from([STORE, LOSE, REFUSE, WAIT]), max_size=12),
    st.integers(min_value=1, max_value=6),
)
def test_whatever_happens_to_them_messages_arrive_once_and_in_the_order_of_writing(
    fates: list[str], count: int
) -> None:
    server = played()
    honest, left = server.answers[SendMessage], list(fates)

    def answer(request: SendMessage) -> Stored | ProtocolError | None:
        fate = left.pop(0) if left else STORE
        is_stored = request.id in [one.id for one in server.logs.get(BOB, [])]
        if fate is REFUSE and not is_stored:
            return NotFound("Nobody is called so")
        if fate is WAIT:
            return TooMany("Too fast", retry_after=1)
        stored = honest(request)
        assert isinstance(stored, Stored)
        return None if fate is LOSE else stored

    server.answers[SendMessage] = answer
    said = [f"{number}" for number in range(count)]
    write(server, *said)
    for _ in range(2 * len(fates) + 2):
        server.core.disconnected()
        server.connect()
        for _ in range(3):
            server.pass_time(2)

    states = {one.text: one.state for one in server.core.store.page(BOB)}
    arrived = [text for text in said if states[text] is MessageState.SENT]
    assert sent(server) == arrived
    assert {states[text] for text in said if text not in arrived} <= {MessageState.FAILED}
    assert server.core.store.count_unsent() == 0


def test_the_next_message_leaves_when_the_one_before_is_answered() -> None:
    server = played().connect()
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda _: None
    write(server, "one", "two")
    assert [one.message for one in server.asked(SendMessage)] == ["one"]

    server.answers[SendMessage] = honest
    server.run()

    assert sent(server) == ["one", "two"]


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
