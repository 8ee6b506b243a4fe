"""`messenger log`: the last records, and new ones until Ctrl+C."""

import json
import signal
from pathlib import Path

import pytest

from tests.forking import Python
from tests.operating.conftest import Command
from tests.running import Talker, running

LINES = [
    "2026-11-27 10:00:00,000 DEBUG session one",
    "2026-11-27 10:00:01,000 INFO session 'Ёж' has logged in",
    "2026-11-27 10:00:02,000 ERROR answers Handling failed",
    "Traceback (most recent call last):",
    "ValueError: \x1b[31mred",
]


@pytest.fixture
def log(data: Path) -> Path:
    file = data / "log" / "server.log"
    file.parent.mkdir()
    file.write_text("\n".join(LINES) + "\n", "utf-8")
    return file


def test_the_last_records_are_shown(log: Path, command: Command) -> None:
    ran = command("log")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:3] == LINES[:3]
    # No terminal obeys what somebody has made the server log.
    assert "\x1b" not in ran.out
    assert command("log", "-n", "2").out.splitlines()[0] == LINES[1]
    assert command("log", "--level", "ERROR").out.splitlines()[0] == LINES[2]
    assert command("log", "--text", "ёж").out == LINES[1] + "\n"
    (failed,) = command("log", "--json", "--level", "WARNING").objects
    assert (failed["level"], failed["module"]) == ("ERROR", "answers")
    assert failed["text"].endswith("ValueError: \x1b[31mred")


def test_without_a_log_it_says_so(data: Path, command: Command) -> None:
    ran = command("log")

    assert (ran.code, ran.out) == (1, "")
    assert "no server has run there" in ran.err


def test_broken_settings_do_not_hide_the_log(data: Path, log: Path, command: Command) -> None:
    (data / "messenger.toml").write_text("prot = ")

    assert command("log", "-n", "1").code == 0


def test_what_happens_is_followed_until_ctrl_c(data: Path) -> None:
    with running(data) as server:
        words = ("log", "--follow", "--json", "-n", "1", "--text", "guest", "--data", str(data))
        follower = Python("-m", "messenger", *words)
        assert follower.stdout is not None
        with Talker(server.port) as talker:
            talker.guest("Ёж")
        line = json.loads(follower.stdout.readline())
        follower.send_signal(signal.SIGINT)

        assert "'Ёж' has logged in as a guest" in line["text"]
        out, err = follower.communicate(timeout=60)
        assert (follower.wait(), out, err) == (0, "", "")


def test_a_reader_that_goes_away_ends_it(data: Path, log: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        program = Python("-m", "messenger", "log", "-f", "--data", str(data), stdout=full.fileno())

        assert "Traceback" not in program.communicate(timeout=60)[1]
        assert program.wait() == 0
