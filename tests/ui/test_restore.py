"""A start that brings a backup back, and what a profile learns from its client."""

from pathlib import Path

import pytest

from messenger.jim.errors import DeviceRemoved
from messenger.sdk.backup import back_up
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.profiles import Profiles
from messenger.sdk.server_identity import SERVER_KEY
from messenger.ui.profile_choice import Start, choose_profile
from messenger.ui.progress import progress_shown
from messenger.ui.prompts import NoLogin
from messenger.ui.start import open_client
from tests.ui.answers import Answering

HOST, ME = "münchen.example", "a/b%41"
START = Start(address=HOST, port=7800, name=ME, guest=True)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of somebody who has written."""
    data, file = tmp_path / "before", tmp_path / "резервная копия %41"
    start = START._replace(data=data)
    chosen = choose_profile(start, Answering())
    assert chosen is not None
    with open_client(start, *chosen, Answering()) as client:
        client.send_text("名前", "привет")
        back_up(client.store, file, "the passphrase", lambda _done, _of: None)
    return file


def test_a_backup_makes_the_profile_that_it_is_of(tmp_path: Path, backup: Path) -> None:
    start = Start(data=tmp_path / "after", restore=backup, guest=True)
    user = Answering(["the passphrase"])

    chosen = choose_profile(start, user)
    assert chosen is not None
    with open_client(start, *chosen, user) as client:
        assert [one.text for one in client.store.page("名前")] == ["привет"]

    assert (chosen[1].account, chosen[1].address, chosen[1].port) == (ME, HOST, 7800)
    assert "is restored" in user.heard[-1]


@pytest.mark.parametrize(
    "other", [{"name": "Иван"}, {"address": "other.example"}, {"port": 7801}], ids=repr
)
def test_a_backup_is_not_restored_for_another_account(
    tmp_path: Path, backup: Path, other: dict[str, object]
) -> None:
    start = Start(data=tmp_path / "after", restore=backup)._replace(**other)  # type: ignore[arg-type]

    with pytest.raises(NoLogin, match="This is a backup of"):
        choose_profile(start, Answering(["the passphrase"]))


def test_a_backup_is_not_restored_over_another_profile(tmp_path: Path, backup: Path) -> None:
    data = tmp_path / "after"
    profile = Profiles(data).named("other")
    profile.set_up("other.example", 7800, "Иван")

    with pytest.raises(NoLogin, match="This is a backup of"):
        choose_profile(
            Start(data=data, restore=backup, profile="other"), Answering(["the passphrase"])
        )


def test_how_one_connects_is_kept(tmp_path: Path) -> None:
    start = START._replace(data=tmp_path, encryption="plain", trust="ab" * 32)
    chosen = choose_profile(start, Answering())
    assert chosen is not None

    with open_client(start, *chosen, Answering()) as client:
        assert client.store.get(SERVER_KEY) is not None
    assert Profiles(tmp_path).last(HOST, 7800, ME).record.encryption == "plain"  # type: ignore[union-attr]


def test_a_profile_knows_its_login_until_its_device_is_removed(tmp_path: Path) -> None:
    start = START._replace(data=tmp_path)
    chosen = choose_profile(start, Answering())
    assert chosen is not None
    profile, record = chosen

    with open_client(start, profile, record, Answering()) as client:
        client._handlers.tell([StateChanged(ConnectionState.ONLINE)])
        assert record.confirmed
        assert record.registered
        profile.remember_password("the password", "file")
        client._handlers.tell(
            [StateChanged(ConnectionState.REFUSED, error=DeviceRemoved("Removed"))]
        )
        assert profile.password() is None


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    start = START._replace(data=tmp_path)
    chosen = choose_profile(start, Answering())
    assert chosen is not None
    (chosen[0].directory / "log").write_text("in the way")

    with (
        pytest.raises(StoreUnusable, match="cannot be written"),
        open_client(start, *chosen, Answering()),
    ):
        pass


def test_long_work_is_told_in_quarters() -> None:
    shown: list[str] = []
    progress = progress_shown(shown.append)

    for done in range(0, 10_001, 100):
        progress(done, 10_000)

    assert len(shown) == 4
    assert shown[0] == "2500 of 10000 rows"


def test_short_work_is_not_told() -> None:
    shown: list[str] = []

    progress_shown(shown.append)(100, 100)

    assert shown == []
