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
