"""A bot of six lines works after a restart: it is the same device."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.sdk import Bot, BotMessage, Client, Credentials, Store
from messenger.sdk.device_store import DeviceStore, store_for
from messenger.sdk.directories import directory_name
from messenger.sdk.login import device_id
from messenger.sdk.store import MessageSecurity
from tests.running import PASSWORD, RunningServer
from tests.sdk.person import Names, Person, wait


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data directory."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("MESSENGER_RECOVERY_CODE", raising=False)
    return tmp_path / "data"


def start(name: str, server: RunningServer, store: Store | None = None) -> Client:
    """Start a script as anybody would write it."""
    client = Client("127.0.0.1", server.port, Credentials(name, PASSWORD), store)
    client.start()
    assert client.wait_until_online(60)
    return client


def test_a_bot_is_the_same_device_at_each_start_and_answers_what_is_encrypted(
    one_server: RunningServer, name: Names, tmp_path: Path, data: Path
) -> None:
    ann = Person(name("Анна"), one_server.port, Store(tmp_path / "ann.db"))
    ann_name, bot_name = ann.name, name("echo bot/%41")
    Person(bot_name, one_server.port, Store()).close()

    async def run(said: str) -> str:
        bot = Bot(bot_name, PASSWORD, port=one_server.port)
        bot.on_message(_echo)
        async with bot:
            await asyncio.wait_for(bot.wait_until_online(), 60)
            ann.send_text(bot_name, said)
            while f"echo {said}" not in ann.heard(bot_name):
                await asyncio.sleep(0.01)
        return bot.core.encryption.identity.device_id

    first = asyncio.run(run("one"))
    second = asyncio.run(run("two"))

    assert first == second
    assert ann.last(bot_name).security is MessageSecurity.ENCRYPTED
    kept = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert b"echo one" not in kept
    assert {file.stat().st_mode & 0o077 for file in data.rglob("*.*")} == {0}
    assert ann_name.encode() not in kept
    ann.close()


def _echo(message: BotMessage) -> str | None:
    return f"echo {message.text}" if message.is_direct else None


def test_programs_that_run_at_the_same_time_are_devices_of_their_own(
    one_server: RunningServer, name: Names
) -> None:
    Person(name("名前"), one_server.port, Store()).close()
    one, other = start(name("名前"), one_server), start(name("名前"), one_server)
    device_ids = [client.core.encryption.identity.device_id for client in (one, other)]
    for client in (one, other):
        client.close()
    again = start(name("名前"), one_server)
    device_ids.append(again.core.encryption.identity.device_id)
    again.close()

    assert device_ids[0] != device_ids[1]
    assert device_ids[2] == device_ids[0]


def test_a_recovery_code_in_the_environment_approves_a_script(
    one_server: RunningServer, name: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Person(name("ann"), one_server.port, Store(tmp_path / "ann.db"))
    bob = Person(name("bob"), one_server.port, Store(tmp_path / "bob.db"))
    monkeypatch.setenv("MESSENGER_RECOVERY_CODE", ann.keys.recovery_code or "")

    for store in (None, Store()):
        script = start(ann.name, one_server, store)
        wait(lambda: script.keys.is_approved)  # noqa: B023  at once
        bob.send_text(ann.name, f"for {store is None}")
        found = lambda: [one.text for one in script.store.page(bob.name)]  # noqa: B023, E731
        wait(lambda: f"for {store is None}" in found())  # noqa: B023  at once
        script.close()
    for one in (ann, bob):
        one.close()


def test_a_wrong_recovery_code_is_said_and_approves_nothing(
    one_server: RunningServer,
    name: Names,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ann = Person(name("ann"), one_server.port, Store(tmp_path / "ann.db"))
    bob = Person(name("bob"), one_server.port, Store(tmp_path / "bob.db"))
    for code in ("no code", bob.keys.recovery_code or ""):
        caplog.clear()
        monkeypatch.setenv("MESSENGER_RECOVERY_CODE", code)
        script = start(ann.name, one_server)
        assert not script.keys.is_approved
        assert "MESSENGER_RECOVERY_CODE: " in caplog.text
        assert "not approved" in caplog.text
        script.close()
    for one in (ann, bob):
        one.close()


def test_a_program_that_keeps_nothing_says_what_it_will_not_be_able_to_read(
    one_server: RunningServer, name: Names, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        Person(name("ann"), one_server.port, Store()).close()

    assert "does not save the keys" in caplog.text
    assert "Give it a store" in caplog.text


@pytest.mark.parametrize("name", ["𠮷" * 25, "a/b%41", "..", "CON", "Иван 名前", "😀" * 25])
def test_any_name_of_an_account_keeps_its_device(name: str, data: Path) -> None:
    """Also where it fills a directory's name with letters of four bytes, and the host's is long."""
    host = ".".join(["a" * 60] * 3)
    device_ids = []
    for _ in range(2):
        store = store_for(Credentials(name, PASSWORD), host, 7777)
        assert isinstance(store, DeviceStore)
        device_ids.append(device_id(store))
        store.close()
        store.release()

    assert device_ids[0] == device_ids[1]
    (directory,) = (data / "messenger" / "devices").iterdir()
    assert directory.stat().st_mode & 0o077 == 0


def _a_file(devices: Path) -> None:
    devices.parent.mkdir(parents=True)
    devices.write_text("")


def _no_database(devices: Path) -> None:
    directory = devices / directory_name("Иван@127.0.0.1_7777")
    directory.mkdir(parents=True)
    (directory / "1.db").write_bytes(b"no database" * 1000)
    (directory / "1.db.key").write_text("00" * 32)


def _of_a_later_version(devices: Path) -> None:
    directory = devices / directory_name("Иван@127.0.0.1_7777")
    store = Store(directory / "1.db")
    with store.transaction() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 100000")
    store.close()


def _a_directory(devices: Path) -> None:
    (devices / directory_name("Иван@127.0.0.1_7777") / "1.db").mkdir(parents=True)


@pytest.mark.parametrize("spoil", [_a_file, _no_database, _of_a_later_version, _a_directory])
def test_a_program_goes_on_where_its_device_cannot_be_kept(
    spoil: Callable[[Path], None], data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(data / "messenger" / "devices")
    with caplog.at_level(logging.WARNING):
        store = store_for(Credentials("Иван", PASSWORD), "127.0.0.1", 7777)

    assert store.is_ephemeral
    assert "Иван keeps nothing" in caplog.text
