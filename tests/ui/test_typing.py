"""That the user is writing is told now and then."""

from messenger.jim.messages import Typing
from messenger.ui.typing import TypingSender
from tests.sdk.in_memory import InMemoryClient


class Clock:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_not_every_key_is_told() -> None:
    clock, client = Clock(), InMemoryClient()
    client.come_online()
    sender = TypingSender(client, clock)

    for _key in range(100):
        sender.typed("名前")
    clock.now += 5
    sender.typed("#кафе")

    assert client.asked == [Typing(to="名前"), Typing(to="#кафе")]


def test_a_notice_ends_with_its_text() -> None:
    client = InMemoryClient()
    client.come_online()
    sender = TypingSender(client, Clock())

    sender.stopped("名前")
    sender.typed("名前")
    sender.stopped("#кафе")
    sender.stopped("名前")
    sender.typed("名前")
    sender.wrote("名前")
    sender.typed("名前")

    begun, ended = Typing(to="名前"), Typing(to="名前", stopped=True)
    assert client.asked == [begun, ended, begun, begun]


def test_another_conversation_is_told_at_once() -> None:
    client = InMemoryClient()
    client.come_online()
    sender = TypingSender(client, Clock())

    sender.typed("名前")
    sender.typed("#кафе")

    assert client.asked == [Typing(to="名前"), Typing(to="#кафе")]
