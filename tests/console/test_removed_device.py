"""What a user is told and asked on a device that was removed."""

import pytest

from messenger.console.login import Keys, NoLogin, _next_try
from messenger.console.talk import explain
from messenger.jim.errors import DeviceRemoved
from messenger.sdk.events import ApprovalNeeded
from messenger.sdk.login import Credentials

REMOVED = DeviceRemoved("This device was removed by another one of yours")


class Terminal(Keys):
    """Somebody at a terminal, whose password the environment has, too."""

    def __init__(self, *, may_ask: bool) -> None:
        super().__init__(may_ask=may_ask, password="of the environment")

    def password(self, prompt: str) -> str:
        return f"typed at: {prompt}"


def test_the_password_is_asked_for_whatever_is_remembered() -> None:
    shown: list[str] = []
    remembered = Credentials("Иван", "remembered")

    found = _next_try(remembered, REMOVED, Terminal(may_ask=True), shown.append)

    assert found == Credentials("Иван", "typed at: Password of Иван: ")
    assert shown == ["This device was removed by another one of yours."]


def test_where_nobody_can_be_asked_it_is_said_and_that_is_the_end() -> None:
    with pytest.raises(NoLogin, match="removed by another"):
        _next_try(Credentials("Иван", "remembered"), REMOVED, Terminal(may_ask=False), print)


def test_what_a_removed_device_has_kept_is_offered_only_where_it_is_worth_something() -> None:
    assert "/recover kept" in explain(ApprovalNeeded("CODE", keeps_secret=True))
    assert "/recover kept" not in explain(ApprovalNeeded("CODE"))
