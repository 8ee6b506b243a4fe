"""A server that lists other devices than there are, or spoils keys: nothing goes out to them."""

import copy
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from messenger.jim.devices import ListDevices
from messenger.jim.errors import BadRequest, DeviceRemoved, ProtocolError
from messenger.sdk.encryption.cross_signing import RECOVERY_CODE
from messenger.sdk.events import ConnectionState
from messenger.sdk.key_states import ApprovalState
from messenger.sdk.store import MessageSecurity, MessageState
from tests.in_process import InProcessClient, Users
from tests.running import until
from tests.sdk.person import Names

Frame = dict[str, Any]


def lying(change: Callable[[Frame], Frame]) -> Callable[[bytes], Iterable[bytes]]:
    """Return what a server does that changes its frames so."""
    return lambda frame: [json.dumps(change(json.loads(frame))).encode() + b"\n"]


def devices_of(client: InProcessClient, account: str) -> Frame:
    """Return what the server lists for a conversation, as it says it."""
    seen: list[Frame] = []
    honest, client.lie = client.lie, lying(lambda frame: seen.append(frame) or frame)
    client.ask(ListDevices(conversation=account))
    client.lie = honest
    return next(frame for frame in seen if "devices" in frame)


def instead_of_lists(listed: Frame) -> Callable[[bytes], Iterable[bytes]]:
    """Return what a server does that answers each question for devices by this list."""
    return lying(
        lambda frame: {**copy.deepcopy(listed), "id": frame["id"]} if "devices" in frame else frame
    )


@pytest.fixture(scope="module")
def bob(shared_user: Users) -> InProcessClient:
    """Somebody whom tests share, each with another one who writes to him."""
    return shared_user("名前?%41")


def reason(client: InProcessClient, to: str) -> str:
    """Write to somebody; return why that failed."""
    message = client.say(to, "hi")
    assert message.state is MessageState.FAILED
    return str(message.failure)


def test_a_list_with_a_strangers_devices_is_refused(
    user: Users, name: Names, bob: InProcessClient
) -> None:
    ann, eve = user(name("ann")), user(name("eve"))
    ann.lie = instead_of_lists(devices_of(ann, eve.name))

    assert "somebody else's devices" in reason(ann, bob.name)


def test_a_list_without_the_other_one_is_refused(
    user: Users, name: Names, bob: InProcessClient
) -> None:
    ann = user(name("ann"))
    ann.lie = instead_of_lists(devices_of(ann, ann.name))

    assert bob.name in reason(ann, bob.name)


@pytest.mark.parametrize("spoilt", ["version", "devices", "identities"])
def test_a_list_that_contradicts_itself_is_refused(
    user: Users, name: Names, bob: InProcessClient, spoilt: str
) -> None:
    ann = user(name("ann"))

    def spoil(frame: Frame) -> Frame:
        if "devices" in frame and spoilt == "version":
            frame["version"] = "another"
        elif "devices" in frame:
            frame[spoilt][0] = {
                key: {} if key in ("keys", "identity") else value
                for key, value in frame[spoilt][0].items()
            }
        return frame

    ann.lie = lying(spoil)

    assert "contradicts itself" in reason(ann, bob.name)


def test_a_list_that_is_refused_fails_the_message(
    user: Users, name: Names, bob: InProcessClient
) -> None:
    ann = user(name("ann"))
    ann.lie = lying(
        lambda frame: (
            {"response": 404, "error": "Who?", "id": frame["id"]} if "devices" in frame else frame
        )
    )

    assert reason(ann, bob.name) == "Who?"


def test_a_one_time_key_that_its_device_has_not_signed_begins_no_session(
    user: Users, name: Names, bob: InProcessClient
) -> None:
    """The message goes out all the same: whoever could not be given its key asks for it."""
    ann = user(name("ann"))

    def spoil(frame: Frame) -> Frame:
        for key in frame.get("keys", ()) if isinstance(frame.get("keys"), list) else ():
            key["key"]["key"] = "A" * 43
        return frame

    ann.lie = lying(spoil)
    assert ann.say(bob.name, "hi").state is MessageState.DELIVERED
    ann.lie = lambda frame: [frame]

    until(lambda: bob.pass_time(10) and bob.heard(ann.name) == ["hi"])


def test_a_server_that_passes_no_to_device_message_on_fails_the_message(
    user: Users, name: Names, bob: InProcessClient
) -> None:
    ann = user(name("ann"))
    before: list[Frame] = []

    def refuse(frame: Frame) -> Frame:
        if before and isinstance(before[-1].get("keys"), list) and frame.get("response") == 200:
            frame = {"response": 413, "error": "Too much", "id": frame["id"]}
        before.append(frame)
        return frame

    ann.lie = lying(refuse)

    assert reason(ann, bob.name) == "Too much"


# --- approvals ---------------------------------------------------------------------------------


def test_a_code_that_none_of_ones_devices_shows_approves_nothing(user: Users, name: Names) -> None:
    ann, bob = user(name("ann")), user(name("bob"))
    second = user(bob.name, register=False)

    with pytest.raises(BadRequest, match="None of your devices"):
        ann.keys.approve(second.keys.approval_code)
    with pytest.raises(BadRequest, match="not approved itself"):
        second.keys.approve(second.keys.approval_code)


def test_where_the_devices_cannot_be_listed_nothing_is_approved(user: Users, name: Names) -> None:
    ann = user(name("ann"))
    second = user(ann.name, register=False)
    ann.lie = lying(lambda frame: frame | ({"version": "no"} if "devices" in frame else {}))

    with pytest.raises(ProtocolError, match="contradicts itself"):
        ann.keys.approve(second.keys.approval_code)
    assert not second.keys.is_approved


def test_the_recovery_code_of_the_environment_approves_a_program(
    user: Users, name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = user(name("ann"))
    monkeypatch.setenv(RECOVERY_CODE, ann.keys.recovery_code or "")

    second = user(ann.name, register=False)

    assert second.keys.is_approved
    assert second.keys.approval.state is ApprovalState.APPROVED


@pytest.mark.parametrize("of_another", [True, False])
def test_a_recovery_code_that_is_wrong_is_told_in_the_log(
    user: Users,
    name: Names,
    bob: InProcessClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    of_another: bool,
) -> None:
    ann = user(name("ann"))
    monkeypatch.setenv(RECOVERY_CODE, (bob.keys.recovery_code or "") if of_another else "junk")

    second = user(ann.name, register=False)

    assert second.keys.approval.state is ApprovalState.NEEDED
    assert RECOVERY_CODE in caplog.text


def test_a_device_that_was_removed_while_it_was_away_finds_that_out(
    user: Users, name: Names
) -> None:
    ann = user(name("ann"))
    second = user(ann.name, register=False)
    ann.keys.approve(second.keys.approval_code)
    second.break_off()
    ann.keys.forget_device(second.core.encryption.identity.device_id)

    second.start()

    assert second.core.state is ConnectionState.REFUSED
    assert isinstance(second.core.error, DeviceRemoved)
    second.break_off()
    second.start()
    assert not second.keys.is_approved
    ann.say(ann.name, "hi")
    assert second.all(ann.name)[-1].security is not MessageSecurity.ENCRYPTED
