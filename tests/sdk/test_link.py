"""One connection without I/O: answers find their requests, and what nobody asked for is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.base import Reply
from messenger.jim.codec import decode_request, encode
from messenger.jim.contacts import GetContacts, People, Person, Whois
from messenger.jim.errors import BadRequest, Conflict, ProtocolError
from messenger.jim.framing import Framer
from messenger.jim.messages import SendMessage, Stored, TypingNotice
from messenger.jim.session import Probe, Quit
from messenger.sdk import link as module
from messenger.sdk.errors import AnswerTooLarge, MessageOverLimit, Unanswered
from messenger.sdk.link import Link


class Ends:
    """Both ends of a link: what it has told, and what it has sent."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.notices: list[Any] = []
        self.answers: list[Any] = []
        self.told: list[object] = []
        self.link = Link(self._tell, self.notices.append, lambda: self.told.append("answered"))
        self._framer = Framer()

    def _tell(self, events: list[Any]) -> None:
        self.events += events
        self.told += events

    def ask(self, name: str = "名前", **keys: Any) -> None:
        self.link.send(Whois(account_name=name, **keys), self.answers.append)

    def sent(self) -> list[Any]:
        return [decode_request(frame) for frame in self._framer.feed(self.link.data_to_send())]

    def say(self, *told: Any) -> None:
        self.link.receive(b"".join(encode(one) + b"\n" for one in told))


@pytest.fixture
def ends() -> Ends:
    return Ends()


# A zero is in no name (`jim.fields.Name`).
names_on_the_wire = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=5
)


@given(st.lists(names_on_the_wire, max_size=10), st.integers(min_value=1, max_value=100))
def test_answers_come_in_the_order_of_the_requests_in_any_split_of_the_bytes(
    names: list[str], size: int
) -> None:
    ends = Ends()
    for number, name in enumerate(names):
        ends.ask(name, id=number)
    replies = [People(200, people=[Person(name)], id=at) for at, name in enumerate(names)]
    data = b"".join(encode(one) + b"\n" for one in replies)

    for start in range(0, len(data), size):
        ends.link.receive(data[start : start + size])

    assert [one.account_name for one in ends.sent()] == names
    assert [one.people[0].account_name for one in ends.answers] == names
    assert ends.link.is_idle


def test_each_request_has_a_time(ends: Ends) -> None:
    ends.ask()
    ends.ask(time=77)

    assert [one.time is not None for one in ends.sent()] == [True, True]


def test_events_are_told_and_do_not_answer(ends: Ends) -> None:
    ends.ask(id=1)

    ends.say(Probe(), TypingNotice(conversation="#all", from_="bob"))

    assert [type(one) for one in ends.events] == [Probe, TypingNotice]
    assert ends.answers == []


def test_the_end_of_answers_to_messages_is_told_before_what_follows_them(ends: Ends) -> None:
    for text in ("1", "2", "3"):
        ends.link.send(SendMessage(to="bob", message=text, id=text), ends.told.append)
    ends.link.send(Whois(account_name="bob", id="4"), ends.told.append)
    ends.link.send(SendMessage(to="bob", message="5", id="5"), ends.told.append)

    ends.say(
        Stored(200, id="1"), Stored(200, id="2"), Probe(), Stored(200, id="3"), People(200, id="4"),
        Stored(200, id="5"),
    )  # fmt: skip

    told = [one if isinstance(one, str) else type(one) for one in ends.told]
    answered = "answered"
    assert told == [
        Stored, Stored, answered, Probe, Stored, answered, People, Stored, answered,
    ]  # fmt: skip


def test_a_refusal_is_an_error_of_its_kind(ends: Ends) -> None:
    ends.ask(id=1)

    ends.say(Reply(409, error="Somebody is called so", id=1))

    assert [type(one) for one in ends.answers] == [Conflict]


def test_an_answer_that_is_not_what_it_should_be_is_an_error_too(ends: Ends) -> None:
    ends.ask(id=1)

    ends.link.receive(b'{"response": 200, "id": 1, "people": 7}\n')

    assert [type(one) for one in ends.answers] == [BadRequest]


# --- what nobody asked for ---------------------------------------------------------------------


def test_an_answer_without_a_request_is_a_notice(ends: Ends) -> None:
    ends.say(Reply(503, error="The server is shutting down"))

    assert [str(one) for one in ends.notices] == ["The server is shutting down"]


def test_a_server_that_stops_answers_no_request_by_that(ends: Ends) -> None:
    ends.ask(id=1)

    ends.say(Reply(500, error="The server is shutting down"))

    assert ends.answers == []
    assert len(ends.notices) == 1


@pytest.mark.parametrize(("repeats", "is_notice"), [(True, True), (False, False)])
def test_where_answers_repeat_ids_one_without_ends_the_connection(
    ends: Ends, repeats: bool, is_notice: bool
) -> None:
    ends.ask(id=1)
    ends.say(Reply(200, id=1 if repeats else None))
    ends.ask(id=2)

    ends.say(Reply(403, error="Another device has removed this one"))

    assert bool(ends.notices) is is_notice
    assert (len(ends.answers) == 1) is is_notice


def test_to_a_request_without_an_id_an_answer_needs_none(ends: Ends) -> None:
    ends.ask(id=1)
    ends.say(Reply(200, id=1))
    ends.ask()

    ends.say(Reply(403, error="No"))

    assert ends.notices == []


# --- sizes -------------------------------------------------------------------------------------


def test_what_the_server_would_not_take_is_not_sent(ends: Ends) -> None:
    ends.link.max_object = 200
    ends.link.send(SendMessage(to="#all", message="x" * 300), ends.answers.append)
    ends.ask("a/b%41")

    assert [type(one) for one in ends.sent()] == [Whois]
    assert [type(one) for one in ends.answers] == [MessageOverLimit]


def test_an_answer_that_is_larger_than_any_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LARGEST_REPLY", 100)
    ends = Ends()
    ends.ask(id=1)

    with pytest.raises(AnswerTooLarge, match="larger than 100 bytes"):
        ends.say(Reply(200, alert="x" * 100))


def test_what_is_no_jim_ends_the_connection_after_what_came_before_it(ends: Ends) -> None:
    with pytest.raises(ProtocolError):
        ends.link.receive(encode(Probe()) + b"\nHTTP/1.1 200 OK\n")

    assert len(ends.events) == 1


def test_who_waits_for_a_link_that_is_given_up_is_returned(ends: Ends) -> None:
    ends.link.is_plain = True
    ends.ask()
    ends.ask()

    for take in ends.link.abandon():
        take("lost")

    assert ends.answers == ["lost", "lost"]
    assert ends.sent() == []
    assert ends.link.is_idle


# --- plain servers -----------------------------------------------------------------------------


@pytest.fixture
def plain(ends: Ends) -> Ends:
    ends.link.is_plain = True
    return ends


def test_a_plain_server_gets_one_request_at_a_time_without_ids(plain: Ends) -> None:
    for number in range(2):
        plain.ask(id=number)
    assert [one.id for one in plain.sent()] == [None]
    assert plain.sent() == []

    plain.say(Reply(200))

    assert [one.id for one in plain.sent()] == [None]


def test_a_request_that_a_plain_server_never_answers_is_given_up(plain: Ends) -> None:
    plain.link.send(GetContacts(), plain.answers.append)
    plain.link.send(Quit(), plain.answers.append)
    for now in (0, 4):
        plain.link.tick(now)
    assert plain.answers == []

    plain.link.tick(4.1)

    assert [type(one) for one in plain.answers] == [Unanswered]
    assert [type(one) for one in plain.sent()] == [GetContacts, Quit]


def test_a_message_is_waited_for_longer(plain: Ends) -> None:
    plain.link.send(SendMessage(to="#all", message="hi"), plain.answers.append)

    for now in (0, 30):
        plain.link.tick(now)
    assert plain.answers == []
    plain.link.tick(31)

    assert [type(one) for one in plain.answers] == [Unanswered]


def test_an_answer_that_comes_late_is_nobodys(plain: Ends) -> None:
    plain.say(Reply(200))

    assert plain.notices == plain.answers == []


def test_a_server_of_ours_is_given_up_by_its_silence_and_not_by_one_request(ends: Ends) -> None:
    ends.ask(id=1)

    for now in (0, 1000):
        ends.link.tick(now)

    assert ends.answers == []
