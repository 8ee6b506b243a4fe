"""Sessions between devices that have gone wrong: a new one is begun, and nothing is lost."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from messenger.crypto.signed import SignatureError
from messenger.jim.devices import PublishKeys
from messenger.sdk import Store
from messenger.sdk.encryption import key_answers, key_upload
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.file_errors import DatabaseUnusable
from messenger.sdk.store import MessageSecurity
from tests.in_process import InProcessClient, Users
from tests.running import until
from tests.sdk.person import Names

Frame = dict[str, Any]


def to_device_messages_of(frame: Frame) -> list[Frame]:
    """Return the to-device messages in what a server says."""
    return [
        *frame.get("to_device", []),
        *([frame["message"]] if frame.get("action") == "to_device" else []),
    ]


def lying(change: Callable[[Frame], object]) -> Callable[[bytes], list[bytes]]:
    """Return what a server does that changes its frames so."""

    def lie(data: bytes) -> list[bytes]:
        frame = json.loads(data)
        change(frame)
        return [json.dumps(frame).encode() + b"\n"]

    return lie


def spoil(frame: Frame) -> None:
    """Change a few characters of each to-device message."""
    for message in to_device_messages_of(frame):
        envelope = json.loads(message["message"])
        for part in envelope["ciphertext"].values():
            part["body"] = part["body"][:-8] + "AAAAAAAA"
        message["message"] = json.dumps(envelope)


def acquainted(user: Users, name: Names) -> tuple[InProcessClient, InProcessClient]:
    ann, bob = user(name("ann")), user(name("bob"))
    ann.say(bob.name, "hi")
    bob.say(ann.name, "hi yourself")
    return ann, bob


def test_a_session_that_opens_nothing_any_more_is_begun_anew(
    user: Users, name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_answers, "_GIVEN_AGAIN_AFTER", 0)
    ann, bob = acquainted(user, name)
    bob.lie = lying(spoil)
    ann.say(bob.name, "spoilt")
    assert bob.all(ann.name)[-1].security is MessageSecurity.WAITING

    bob.lie = lambda frame: [frame]
    for one in (ann, bob):
        one.break_off()
        one.start()

    until(lambda: bob.pass_time(10) and bob.all(ann.name)[-1].text == "spoilt")
    ann.say(bob.name, "and the next one")
    assert bob.heard(ann.name)[-1] == "and the next one"


def test_a_client_that_was_brought_back_hands_out_no_key_that_it_does_not_know(
    user: Users, name: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun with keys that were made since could never be opened."""
    monkeypatch.setattr(key_upload, "_FEW", key_upload._ENOUGH)  # each that is used is replaced
    ann, bob = user(name("ann")), user(name("bob"))
    bob.close()
    for file in tmp_path.glob("1.db*"):
        shutil.copy(file, tmp_path / file.name.replace("1.db", "backup.db"))
    since = user(bob.name, store=Store(tmp_path / "1.db"), register=False)
    user(name("eve")).say(since.name, "hi")
    since.pass_time(10)
    since.close()

    again = user(bob.name, store=Store(tmp_path / "backup.db"), register=False)
    ann.say(again.name, "are you there?")

    assert again.heard(ann.name) == ["are you there?"]
    assert len(again.ask(PublishKeys()).one_time_keys) == key_upload._ENOUGH - 1


# --- the guard ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [SignatureError("not signed"), ZeroDivisionError("a bug"), KeyError("x")]
)
def test_whatever_is_wrong_with_one_thing_costs_only_that(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with costs_only_itself("A device of a/b%41"):
        raise error

    assert "A device of a/b%41 is ignored" in caplog.text


@pytest.mark.parametrize(
    "error", [DatabaseUnusable("The disk is full"), OperationalError("", {}, OSError("disk"))]
)
def test_a_database_that_cannot_be_used_is_more_than_that(error: Exception) -> None:
    with pytest.raises(type(error)), costs_only_itself("A device"):
        raise error
