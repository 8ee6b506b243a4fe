"""`messenger run`: a server and an account, also where an earlier start was cut short."""

import os
import subprocess
from pathlib import Path

import pytest

from messenger.sdk.profiles import Profile, Profiles
from tests import forking
from tests.console.test_end import nobody
from tests.running import Talker, running

NAME = "Иван 4%/?"
MADE = "a made-up password"
RUSSIAN = {"LANGUAGE": "ru", "LC_ALL": "C.UTF-8"}


def run(data: Path, port: int, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    return forking.run(
        *("-m", "messenger", "run", "-p", str(port), "--lines", "--data", str(data)),
        text="привет\n/quit\n",
        env={**os.environ, **RUSSIAN, "PYTHONIOENCODING": encoding},
        encoding=encoding,
    )


def half_made(data: Path, port: int) -> Profile:
    """A profile as a start leaves it that is killed before the server lets its user in."""
    profile = Profiles(data).of("127.0.0.1", port, NAME)
    profile.set_up("127.0.0.1", port, NAME)
    profile.remember_password(MADE, "made")
    return profile


@pytest.mark.parametrize("is_registered", [False, True])
def test_an_account_that_was_half_made_is_made_whole(tmp_path: Path, is_registered: bool) -> None:
    port = nobody()
    half_made(tmp_path, port)
    if is_registered:
        with running(tmp_path / "server") as server, Talker(server.port) as link:
            user = {"account_name": NAME, "password": MADE}
            assert link.ask("register", user=user)["response"] == 201

    done = run(tmp_path, port)

    assert (done.returncode, done.stderr) == (0, "")
    assert "--register" not in done.stdout, "no guest"
    record = Profiles(tmp_path).of("127.0.0.1", port, NAME).record
    assert record is not None
    assert record.confirmed


def test_the_server_writes_in_the_encoding_of_its_starter(tmp_path: Path) -> None:
    done = run(tmp_path, nobody(), encoding="koi8-r")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Сервер остановлен" in done.stdout


@pytest.mark.parametrize(
    "settings", ['plain = "off"', 'address = "127.0.0.2"', 'address = "0.0.0.0"', 'address = "::1"']
)
def test_whatever_the_server_is_set_to_its_user_gets_in(tmp_path: Path, settings: str) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "messenger.toml").write_text(settings, "utf-8")

    done = run(tmp_path, nobody())

    assert (done.returncode, done.stderr) == (0, "")
    assert "Сервер остановлен" in done.stdout
    assert "не в сети" not in done.stdout
