"""Many messages on their way at once keep the order in which they were written."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from messenger.sdk.store import MessageState
from tests.in_process import InProcessServer, Users
from tests.running import Talker

Talkers = Callable[..., Talker]
Names = Callable[[str], str]


def send_at_once(link: Talker, to: str, *messages: dict[str, object]) -> list[tuple[int, str]]:
    """Send messages in one write; return the code of each answer, and its kind."""
    frames = [{"action": "msg", "time": 1, "to": to, "message": "🍲", **one} for one in messages]
    link.send_raw(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
    answers: list[dict[str, Any]] = []
    while len(answers) < len(frames):
        if "response" in (received := link.receive()):
            answers.append(received)
    assert [answer["id"] for answer in answers] == [one["id"] for one in messages]
    return [(answer["response"], answer.get("kind", "")) for answer in answers]


def stored(link: Talker, name: str) -> list[str]:
    page = link.ask("history", conversation=name, after=0)
    return [message["id"] for message in page["messages"]]


EARLY = (409, "out_of_order")


def test_a_message_whose_predecessor_was_refused_is_refused_too(
    logged_in: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    answers = send_at_once(
        ann,
        name("bob"),
        {"id": "1"},
        {"id": "2", "after": "1", "from": "somebody else"},
        {"id": "3", "after": "2"},
        {"id": "4", "after": "3"},
    )

    assert answers == [(200, ""), (403, ""), EARLY, EARLY]
    assert stored(bob, name("ann")) == ["1"]
    again = send_at_once(ann, name("bob"), {"id": "3", "after": "1"}, {"id": "4", "after": "3"})
    assert again == [(200, ""), (200, "")]
    assert stored(bob, name("ann")) == ["1", "3", "4"]


def test_each_conversation_and_each_connection_has_an_order_of_its_own(
    logged_in: Talkers, name: Names
) -> None:
    ann, again = logged_in(name("ann")), logged_in(name("ann"), "d2")
    logged_in(name("bob"))
    assert send_at_once(ann, name("bob"), {"id": "1"}) == [(200, "")]

    assert send_at_once(ann, "#all", {"id": "2", "after": "1"}) == [EARLY]
    assert send_at_once(again, name("bob"), {"id": "3", "after": "1"}) == [EARLY]
    assert send_at_once(ann, name("bob"), {"id": "4", "after": "1"}) == [(200, "")]


def test_a_message_that_is_stored_already_is_answered_whatever_it_follows(
    logged_in: Talkers, name: Names
) -> None:
    """Its answer was lost: what follows it on the new connection may name it."""
    ann = logged_in(name("ann"))
    bob = logged_in(name("bob"))
    send_at_once(ann, name("bob"), {"id": "1"}, {"id": "2", "after": "1"})

    again = logged_in(name("ann"), "d2")
    answers = send_at_once(again, name("bob"), {"id": "2", "after": "0"}, {"id": "3", "after": "2"})

    assert answers == [(200, ""), (200, "")]
    assert stored(bob, name("ann")) == ["1", "2", "3"]


def test_a_copy_of_a_refused_message_in_the_same_write_is_no_copy(
    logged_in: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    answers = send_at_once(
        ann, name("bob"), {"id": "2", "after": "1"}, {"id": "2"}, {"id": "2", "after": "2"}
    )

    assert answers == [EARLY, (200, ""), (200, "")]
    assert stored(bob, name("ann")) == ["2"]


def test_one_client_does_not_fill_the_memory_with_conversations(
    in_process_server: InProcessServer, user: Users, name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has sent last is forgotten then: what follows is refused, and sent again."""
    monkeypatch.setattr("messenger.server.append._MAX_REMEMBERED", 2)
    ann, others = user(name("ann")), [user(name(f"friend{number}")) for number in range(4)]
    for number in range(12):
        ann.send_text(others[number % 4].name, f"{number}")
    in_process_server.settle()

    for index, other in enumerate(others):
        assert other.heard(ann.name) == [f"{number}" for number in range(index, 12, 4)]
    sessions = in_process_server.server.services.sessions
    assert 0 < max(len(session.last_sent) for session in sessions) <= 2


def test_what_follows_a_message_that_could_not_be_stored_waits_for_it(
    in_process_server: InProcessServer, user: Users, name: Names
) -> None:
    """The database fails for one transaction; the next one has the messages after it."""
    ann, bob = user(name("ann")), user(name("bob"))
    ann.send_text(bob.name, "before")
    in_process_server.settle()
    break_journal(in_process_server)

    for text in ("poison", "one", "two"):
        ann.send_text(bob.name, text)
    in_process_server.settle()
    assert [one.text for one in bob.store.page(ann.name)] == ["before"]

    for _ in range(10):
        ann.pass_time(1)
    in_process_server.settle()
    assert [one.text for one in bob.store.page(ann.name)] == ["before", "poison", "one", "two"]
    assert {one.state for one in ann.store.page(bob.name)} <= {
        MessageState.SENT, MessageState.DELIVERED, MessageState.READ,
    }  # fmt: skip


def break_journal(server: InProcessServer) -> None:
    """Have the next transaction with messages fail, as on a full disk."""
    journal = server.server.services.journal.transactions
    append = journal._append

    def fail(*_arguments: object) -> None:
        journal._append = append  # type: ignore[method-assign]  # put back
        raise OSError("the disk is full")

    journal._append = fail  # type: ignore[method-assign]  # fails once
