"""Direct chats and the common chat: one log each, history, receipts, presence."""

import time
from collections.abc import Callable

import pytest

from tests.running import RunningServer, Talker

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]


def said_to(name: str, link: Talker) -> str:
    """Return the next message to somebody; messages of the common chat arrive, too."""
    while (found := link.event("msg"))["to"] != name:
        pass
    return str(found["message"])


def texts(answer: dict[str, object]) -> list[str]:
    """Return the texts of a page of history."""
    messages = answer.get("messages", [])
    assert isinstance(messages, list)
    return [message["message"] for message in messages]


# --- numbers and history -----------------------------------------------------------------------


def test_messages_are_numbered_from_1_without_gaps(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    sent = [ann.ask("msg", to=name("bob"), message="x", id=f"a{n}")["seq"] for n in range(3)]
    sent.append(bob.ask("msg", to=name("ann"), message="x", id="b")["seq"])

    assert sent == [1, 2, 3, 4]
    assert ann.event("msg")["seq"] == 4


def test_a_message_sent_twice_is_stored_and_delivered_once(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    for _ in range(2):
        for _ in range(3):
            ann.send("msg", to=name("bob"), message="once", id="the-id")
        assert {ann.receive()["seq"] for _ in range(3)} == {1}
    ann.ask("msg", to=name("bob"), message="then", id="another")

    got = [bob.event("msg") for _ in range(2)]
    assert [(one["message"], one["seq"], one["id"]) for one in got] == [
        ("once", 1, "the-id"),
        ("then", 2, "another"),
    ]


def test_the_same_id_of_two_senders_is_two_messages(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    assert ann.ask("msg", to=name("bob"), message="x", id="1")["seq"] == 1
    assert bob.ask("msg", to=name("ann"), message="x", id="1")["seq"] == 2


def test_a_plain_clients_ids_are_only_repeated(talker: Talkers, name: Names) -> None:
    ann, bob = talker(), talker()
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    for _ in range(2):
        assert ann.ask("msg", to=bob.name, message="x", id="1")["id"] == "1"

    assert [bob.event("msg")["message"] for _ in range(2)] == ["x", "x"]


def test_history_is_read_by_number_in_both_directions(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    for number in range(1, 11):
        ann.ask("msg", to=name("bob"), message=str(number), id=str(number))

    def read(**where: int) -> list[str]:
        return texts(bob.ask("history", conversation=name("ann"), **where))

    assert read(after=0) == [str(number) for number in range(1, 11)]
    assert read(after=7) == ["8", "9", "10"]
    assert read(after=2, limit=3) == ["3", "4", "5"]
    assert read(before=5, limit=2) == ["3", "4"]
    assert read(limit=2) == ["9", "10"]
    assert read(after=10) == []
    assert read(after=2**40) == read(before=1) == []
    assert bob.ask("history", conversation=name("ann"), after=3)["last"] == 10


def test_the_history_of_others_is_not_available(logged_in: Talkers, name: Names) -> None:
    ann, eve = logged_in(name("ann")), logged_in(name("eve"))
    ann.ask("join", room=name("#r"))
    ann.ask("msg", to=name("#r"), message="x", id="1")

    assert eve.ask("history", conversation=name("#r"), after=0)["response"] == 404
    assert eve.ask("history", conversation=name("nobody"), after=0)["response"] == 404
    assert texts(eve.ask("history", conversation=name("ann"), after=0)) == []


@pytest.mark.parametrize("wrong", [{"after": -1}, {"after": 1, "before": 2}, {"limit": 0}])
def test_an_invalid_request_for_history_is_refused(
    logged_in: Talkers, name: Names, wrong: dict[str, int]
) -> None:
    ann = logged_in(name("ann"))

    assert ann.ask("history", conversation="#all", **wrong)["response"] == 400


def test_a_user_can_write_to_himself(logged_in: Talkers, name: Names) -> None:
    ann = logged_in(name("ann"))

    assert ann.ask("msg", to=name("ann"), message="note", id="1")["seq"] == 1
    assert texts(ann.ask("history", conversation=name("ann"), after=0)) == ["note"]


def test_a_message_to_nobody_is_404_and_to_a_guest_who_left_410(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, guest = logged_in(name("ann")), talker()
    guest.guest(name("guest"))
    guest.ask("msg", to=name("ann"), message="bye")
    guest.leave()

    assert ann.ask("msg", to=name("nobody"), message="x", id="1")["response"] == 404
    assert ann.ask("whois", account_name=name("guest"))["response"] == 200


# --- clients that were offline -----------------------------------------------------------------


def test_missed_messages_arrive_once_and_in_order(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    bob.close()
    for number in range(150):
        ann.send("msg", to=name("bob"), message=str(number), id=str(number))
    assert [ann.receive()["seq"] for _ in range(150)] == list(range(1, 151))

    again = talker()
    assert again.log_in(name("bob"))["response"] == 200
    got = [said_to(name("bob"), again) for _ in range(150)]
    assert got == [str(number) for number in range(150)]
    while ann.event("receipt")["delivered"] < 150:
        pass
    again.leave()
    third = talker()
    third.log_in(name("bob"))
    ann.send("msg", to=name("bob"), message="new", id="new")
    assert said_to(name("bob"), third) == "new"


def test_messages_sent_during_the_backlog_arrive_after_it(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    bob.close()
    for number in range(300):
        ann.send("msg", to=name("bob"), message=str(number), id=str(number))
    again = talker()
    assert again.log_in(name("bob"))["response"] == 200
    for number in range(300, 600):
        ann.send("msg", to=name("bob"), message=str(number), id=str(number))

    got = [said_to(name("bob"), again) for _ in range(600)]
    assert got == [str(number) for number in range(600)]


def test_a_client_that_does_not_read_gets_everything_once_it_does(
    logged_in: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    text = "x" * 10_000
    for number in range(1_500):
        ann.send("msg", to=name("bob"), message=text, id=str(number))
    assert {ann.receive()["response"] for _ in range(1_500)} == {200}

    got = [bob.event("msg")["seq"] for _ in range(1_500)]

    assert got == list(range(1, 1_501))


# --- receipts and summaries --------------------------------------------------------------------


def test_receipts_are_sent_to_the_sender_and_never_go_back(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    for number in range(3):
        ann.ask("msg", to=name("bob"), message="x", id=str(number))

    bob.ask("receipt", conversation=name("ann"), delivered=3)
    marked = ann.event("receipt")
    assert (marked["conversation"], marked["from"]) == (name("bob"), name("bob"))
    assert (marked["delivered"], marked.get("read", 0)) == (3, 0)
    bob.ask("receipt", conversation=name("ann"), read=2)
    assert ann.event("receipt")["read"] == 2
    bob.ask("receipt", conversation=name("ann"), read=1, delivered=1)

    (summary,) = [
        one
        for one in bob.ask("conversations")["conversations"]
        if one["conversation"] == name("ann")
    ]
    assert (summary["last"], summary["delivered"], summary["read"]) == (3, 3, 2)
    assert summary["unread"] == 1


def test_the_list_has_the_receipts_that_the_sender_has_missed(
    logged_in: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    for number in range(3):
        ann.ask("msg", to=name("bob"), message="x", id=str(number))
    ann.close()
    bob.ask("receipt", conversation=name("ann"), delivered=3, read=2)

    def receipts(one: Talker, other: str) -> tuple[int, int]:
        (found,) = [
            row
            for row in one.ask("conversations")["conversations"]
            if row["conversation"] == name(other)
        ]
        return found.get("peer_delivered", 0), found.get("peer_read", 0)

    again = logged_in(name("ann"))
    assert receipts(again, "bob") == (3, 2)
    assert receipts(bob, "ann") == (0, 0)
    assert bob.ask("block", account_name=name("ann"))["response"] < 300
    assert receipts(again, "bob") == (0, 0)


def test_messages_sent_to_a_plain_client_are_reported_as_delivered(
    logged_in: Callable[..., Talker], talker: Talkers, name: Names
) -> None:
    ann, plain = logged_in(name("ann")), talker(newline=False)
    plain.register(name("bob"))
    plain.log_in(name("bob"))
    ann.ask("msg", to=name("bob"), message="hi", id="1")
    assert said_to(name("bob"), plain) == "hi"

    marked = ann.event("receipt")

    assert (marked["conversation"], marked["from"]) == (name("bob"), name("bob"))
    assert marked["delivered"] == 1
    assert marked.get("read", 0) == 0


def test_a_receipt_beyond_the_last_message_counts_as_one_for_it(
    logged_in: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    ann.ask("msg", to=name("bob"), message="x", id="1")

    bob.ask("receipt", conversation=name("ann"), read=1_000_000)

    assert ann.event("receipt")["read"] == 1


def test_conversations_lists_direct_chats_rooms_and_the_common_chat(
    logged_in: Talkers, name: Names
) -> None:
    ann, _ = logged_in(name("ann")), logged_in(name("bob"))
    ann.ask("join", room=name("#r"))
    ann.ask("msg", to=name("bob"), message="x", id="1")

    found = {one["conversation"] for one in ann.ask("conversations")["conversations"]}

    assert found == {"#all", name("#r"), name("bob")}


def test_a_chat_without_messages_is_not_listed(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    ann.ask("devices", conversation=name("bob"))
    ann.ask("history", conversation=name("bob"), after=0)

    for one in (ann, bob):
        assert [row["conversation"] for row in one.ask("conversations")["conversations"]] == [
            "#all"
        ]


def test_a_typing_notice_is_sent_to_the_other_and_not_stored(
    logged_in: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    ann.ask("typing", to=name("bob"))

    told = bob.event("typing")
    assert (told["conversation"], told["from"]) == (name("ann"), name("ann"))
    assert texts(bob.ask("history", conversation=name("ann"), after=0)) == []


# --- presence and contacts ---------------------------------------------------------------------


def test_contacts_are_notified_of_presence(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    ann.ask("add_contact", user_id=name("bob"))

    user = {"account_name": name("bob"), "status": "at lunch"}
    bob.ask("presence", type="away", user=user)
    person = ann.event("contact")["person"]
    assert (person["state"], person["status"]) == ("away", "at lunch")
    bob.close()
    person = ann.event("contact")["person"]
    assert person.get("state", "offline") == "offline"
    assert abs(person["last_seen"] - time.time()) < 60
    talker().log_in(name("bob"))
    assert ann.event("contact")["person"]["state"] == "online"


def test_the_list_of_contacts_has_the_presence_of_each(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    logged_in(name("carl")).leave()
    for contact in ("bob", "carl"):
        ann.ask("add_contact", user_id=name(contact))

    answer = ann.ask("get_contacts")

    assert answer["contacts"] == sorted([name("bob"), name("carl")])
    states = {one["account_name"]: one for one in answer["people"]}
    assert states[name("bob")]["state"] == "online"
    assert states[name("carl")]["last_seen"] > 0
    assert bob.ask("get_contacts")["alert"] == "[]"


def test_a_contact_who_does_not_exist_is_404(logged_in: Talkers, name: Names) -> None:
    ann = logged_in(name("ann"))

    assert ann.ask("add_contact", user_id=name("nobody"))["response"] == 404
    assert ann.ask("del_contact", user_id=name("nobody"))["response"] == 404


def test_users_are_found_by_the_start_of_a_name_in_any_case(
    logged_in: Talkers, name: Names
) -> None:
    ann = logged_in(name("Жанна"))

    found = ann.ask("search", prefix=name("жАН")[:3])["people"]

    assert name("Жанна") in [one["account_name"] for one in found]
    assert ann.ask("search", prefix=" ")["response"] == 400
