"""Who is writing is shown for some seconds; that the user is writing is told now and then."""

from messenger.jim.messages import Typing, TypingNotice
from messenger.ui.typing import TypingIndicators, TypingSender
from tests.sdk.in_memory import InMemoryClient


class Clock:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def writes(who: str, where: str, *, stopped: bool = False) -> TypingNotice:
    return TypingNotice(time=0, from_=who, conversation=where, stopped=stopped)


def test_whoever_writes_is_shown_where_they_write() -> None:
    typing = TypingIndicators()

    typing.take(writes("Иван", "#кафе"))
    typing.take(writes("名前", "名前"))

    assert typing.who("#кафе") == "Иван"
    assert typing.where() == {"#кафе", "名前"}
    assert typing.who("a/b%41") is None


def test_whoever_stops_or_sends_is_not_writing_any_more() -> None:
    typing = TypingIndicators()
    typing.take(writes("Иван", "#кафе"))
    typing.take(writes("名前", "名前"))

    typing.take(writes("Иван", "#кафе", stopped=True))
    typing.end("名前")

    assert typing.where() == set()


def test_a_notice_that_nothing_follows_is_forgotten() -> None:
    clock = Clock()
    typing = TypingIndicators(clock)
    typing.take(writes("Иван", "#кафе"))
    assert not typing.forget()

    clock.now += 7

    assert typing.who("#кафе") is None
    assert typing.forget()
    assert not typing.forget()


def test_not_every_key_is_told() -> None:
    clock, client = Clock(), InMemoryClient()
    client.come_online()
    sender = TypingSender(client, clock)

    for _key in range(100):
        sender.typed("名前")
    clock.now += 5
    sender.typed("#кафе")

    assert client.asked == [Typing(to="名前"), Typing(to="#кафе")]
