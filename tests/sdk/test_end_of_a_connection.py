"""What a client's core does where a connection ends: everybody is told, and nothing is ahead."""

import logging

import pytest

from messenger.jim.requests import GetContacts
from messenger.sdk import Store
from messenger.sdk.core import Core
from messenger.sdk.errors import LinkLost
from messenger.sdk.events import LinkState
from messenger.sdk.login import Credentials


def online() -> Core:
    """Return the core of a guest at a plain server, which answers nothing but the login."""
    core = Core(Store(), Credentials("Иван 名前"), program="tests")
    core.connected(0.0)
    core.received(b'{"response": 200}\n', 0.0)
    assert core.state is LinkState.ONLINE
    return core


def fail(_answer: object) -> None:
    raise RuntimeError("a bug of whoever waits")


def test_everybody_who_waits_is_told_that_the_connection_is_lost_whatever_another_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    core, answers = online(), list[object]()
    for take in (answers.append, fail, answers.append, fail, answers.append):
        core.ask(GetContacts(user_login="Иван 名前"), take)

    with caplog.at_level(logging.ERROR):
        core.disconnected("cut", 1.0)

    assert [type(answer) for answer in answers] == [LinkLost] * 3
    assert core.state is LinkState.OFFLINE
    assert sum("a bug of whoever waits" in str(one.exc_info) for one in caplog.records) == 2
