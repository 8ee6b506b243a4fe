"""A removed device says so, does not approve itself, and loses nothing for good."""

from pathlib import Path

import pytest

from messenger.jim.errors import BadRequest
from messenger.sdk import Client
from messenger.sdk.key_states import ApprovalState
from messenger.sdk.profiles import Profiles
from tests.running import PASSWORD, RunningServer
from tests.sdk.person import wait
from tests.sdk.test_who_one_is import Someone, approve, come_back, online


def removed(second: Someone, by: Client, name: str) -> None:
    """Remove a device, and log in anew there."""
    by.keys.forget_device(second.core.encryption.identity.device_id)
    come_back(second, name)


def test_the_user_of_a_device_that_was_removed_by_mistake_has_what_it_kept_approve_it_again(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """Anyone with the password can remove all devices: that does not lose the account's secret."""
    name = "a/b%41 😀"
    with online(one_server, tmp_path / "one.db", name, PASSWORD, register=True) as one:
        code = one.keys.recovery_code
        with online(one_server, tmp_path / "thief.db", name, PASSWORD) as thief:
            removed(one, thief, name)
        assert one.keys.recovery_code is None
        wait(lambda: one.keys.approval.state is ApprovalState.NEEDED)
        assert one.keys.approval.keeps_secret

        one.keys.recover_kept()

        assert one.keys.is_approved
        assert one.keys.recovery_code == code


def test_what_a_removed_device_kept_is_worth_nothing_once_there_is_a_new_secret(
    one_server: RunningServer, tmp_path: Path
) -> None:
    name = "名前 25"
    with (
        online(one_server, tmp_path / "kept.db", name, PASSWORD, register=True) as kept,
        online(one_server, tmp_path / "lost.db", name, PASSWORD) as lost,
    ):
        approve(lost, kept)
        kept.keys.forget_device(lost.core.encryption.identity.device_id)
        kept.keys.reset()
        come_back(lost, name)
        wait(lambda: lost.keys.approval.state is ApprovalState.NEEDED)

        assert not lost.keys.approval.keeps_secret
        with pytest.raises(BadRequest, match="no saved secret"):
            lost.keys.recover_kept()
        assert not lost.keys.is_approved
        approve(lost, kept)
        assert lost.store.get("removed_secret") is None


def test_a_removed_device_forgets_what_logs_in_by_itself(tmp_path: Path) -> None:
    for number, place in enumerate(("file", "made")):
        profile = Profiles(tmp_path).of("example.org", number, "Иван")
        profile.set_up("example.org", number, "Иван")
        profile.remember_password("pass word", place)

        profile.forget_login()

        # Nobody else has a generated one.
        assert profile.password() == (None if place == "file" else "pass word")
