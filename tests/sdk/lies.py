"""Lies of a server: each changes one object on its way to the client."""

import random
from collections.abc import Iterator

from messenger.jim.names import is_room
from tests.sdk.liar import Liar, Lie, garbled, session_of
from tests.sdk.lies_in_replies import REPLY_LIES, with_its_version
from tests.sdk.proxy import Frame

INVALID = "send the money to account 666"
"""What the server's own plain messages say."""


# --- messages, delivered and in pages of the history ---------------------------------------------


def lost(liar: Liar, message: Frame) -> list[Frame]:
    liar.loses(message)
    return []


def doubled(liar: Liar, message: Frame) -> list[Frame]:
    return [message, message]


def held_back(liar: Liar, message: Frame) -> list[Frame]:
    liar.held.append(message)
    return []


def garbled_message(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "message": garbled(message["message"])}]


def made_plain(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "message": INVALID, "encoding": "utf-8"}]


def another_sender(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "from": random.choice(liar.people)}]


def elsewhere(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "to": random.choice([*liar.people, liar.room])}]


def replaced_by_an_earlier_one(liar: Liar, message: Frame) -> list[Frame]:
    earlier = liar.earlier("message") or message
    return [{**earlier, "seq": message["seq"]}]


def with_an_earlier_text(liar: Liar, message: Frame) -> list[Frame]:
    earlier = liar.earlier("message") or message
    return [{**message, "message": earlier["message"]}]


def sent_again(liar: Liar, message: Frame) -> list[Frame]:
    again = {**message, "seq": message["seq"] + 1}
    liar.takes_a_number(again)
    return [message, again]


def earlier_one_sent_again(liar: Liar, message: Frame) -> list[Frame]:
    earlier = liar.earlier("message") or message
    again = {**earlier, "to": message["to"], "seq": message["seq"] + 1}
    liar.takes_a_number(again)
    return [message, again]


def unnumbered(liar: Liar, message: Frame) -> list[Frame]:
    return [message, {key: message[key] for key in message if key != "seq"}]


def of_a_guest(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "guest": True}]


def plain_one_before(liar: Liar, message: Frame) -> list[Frame]:
    made_up = {**message, "message": INVALID, "encoding": "utf-8", "id": f"x{random.random()}"}
    return [{**made_up, "time": 1.0}, message]


def plain_one_in_own_name(liar: Liar, message: Frame) -> list[Frame]:
    swapped = {**message, "from": message["to"], "to": message["from"]}
    return plain_one_before(liar, message if is_room(message["to"]) else swapped)


def _numbers_swapped(liar: Liar, one: Frame, other: Frame) -> list[Frame]:
    if session_of(one) != session_of(other):
        # Each says what its sender had seen of the log: in a room that counts once two members say
        # so, and where the second had not seen the first there is nothing that contradicts.
        liar.mixed |= {one["to"], one["from"], other["from"]}
    return [{**other, "seq": one["seq"]}, {**one, "seq": other["seq"]}]


def swapped_with_the_next(liar: Liar, message: Frame) -> list[Frame]:
    """Hold a message until the next one, and deliver both under each other's number."""

    def second(liar: Liar, other: Frame) -> list[Frame]:
        liar.touched.add(other.get("id", ""))
        if (other["to"], other["from"]) == (message["to"], message["from"]):
            return _numbers_swapped(liar, message, other)
        return [message, other]

    liar.due["message"].appendleft(second)
    return []


_HARMLESS = (lost, doubled, held_back)
"""What is lost like this in one place is fetched later."""

_MESSAGE_LIES: tuple[Lie, ...] = (
    *_HARMLESS,
    garbled_message,
    made_plain,
    another_sender,
    elsewhere,
    replaced_by_an_earlier_one,
    with_an_earlier_text,
    sent_again,
    earlier_one_sent_again,
    unnumbered,
    of_a_guest,
    plain_one_before,
    plain_one_in_own_name,
    swapped_with_the_next,
)


def _of_message(lie: Lie) -> Lie:
    def tell(liar: Liar, message: Frame) -> list[Frame]:
        if lie not in _HARMLESS:
            liar.touched.add(message.get("id", ""))
        return lie(liar, message)

    return tell


def _in_page(lie: Lie) -> Lie:
    """Lie about one message of a page; a gap in a page hides a message for good."""

    def tell(liar: Liar, page: Frame) -> list[Frame]:
        messages = page["messages"]
        if messages:
            where = random.randrange(len(messages))
            # A message put behind it takes the place of the next one.
            liar.touched.update(one.get("id", "") for one in messages[where : where + 2])
            told = lie(liar, messages[where])
            page["messages"] = [*messages[:where], *told, *messages[where + 1 :]]
        return [page]

    return tell


def page_with_two_swapped(liar: Liar, page: Frame) -> list[Frame]:
    messages = page["messages"]
    if len(messages) > 1:
        where = random.randrange(len(messages) - 1)
        pair = messages[where : where + 2]
        liar.touched.update(one.get("id", "") for one in pair)
        messages[where : where + 2] = _numbers_swapped(liar, *pair)
    return [page]


# --- to-device messages ---------------------------------------------------------------------------


def lost_to_device(liar: Liar, message: Frame) -> list[Frame]:
    # As if it had never been: the next one has its number.
    return [{**message, "message": "lost"}]


def garbled_to_device(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "message": garbled(message["message"])}]


def to_device_of_another(liar: Liar, message: Frame) -> list[Frame]:
    return [{**message, "from": random.choice(liar.people)}]


def earlier_to_device(liar: Liar, message: Frame) -> list[Frame]:
    earlier = liar.earlier("to_device")
    return [{**earlier["message"], "seq": message["seq"]} if earlier else message]


def to_device_twice(liar: Liar, message: Frame) -> list[Frame]:
    return [message, message]


_TO_DEVICE_LIES: tuple[Lie, ...] = (
    lost_to_device,
    garbled_to_device,
    to_device_of_another,
    earlier_to_device,
    to_device_twice,
)


def _of_to_device(lie: Lie) -> Lie:
    return lambda liar, frame: [
        {**frame, "message": message} for message in lie(liar, frame["message"])
    ]


def _in_inbox(lie: Lie) -> Lie:
    def tell(liar: Liar, page: Frame) -> list[Frame]:
        if messages := page["to_device"]:
            where = random.randrange(len(messages))
            messages[where : where + 1] = lie(liar, messages[where])
        return [page]

    return tell


def _every_lie() -> Iterator[tuple[str, Lie, Lie]]:
    """Yield each lie with the kind of its object, and how it is applied."""
    for lie in _MESSAGE_LIES:
        yield "message", lie, _of_message(lie)
        if lie is not swapped_with_the_next:
            yield "page", lie, _in_page(lie)
    yield "page", page_with_two_swapped, page_with_two_swapped
    for lie in _TO_DEVICE_LIES:
        yield "to_device", lie, _of_to_device(lie)
        yield "inbox", lie, _in_inbox(lie)
    for kind, lies in REPLY_LIES.items():
        for lie in lies:
            yield kind, lie, with_its_version(lie) if kind == "list" else lie


LIES = {f"{kind}: {lie.__name__}": (kind, tell) for kind, lie, tell in _every_lie()}
"""Every lie, by its name, and the kind of object that it is told of."""

LIES_AT_LOGIN = [name for name, (kind, _) in LIES.items() if kind in ("welcome", "published")]
LIES_OF_BACKUPS = [name for name, (kind, _) in LIES.items() if kind == "backup"]
LIES_ONLINE = [name for name in LIES if name not in LIES_AT_LOGIN]
