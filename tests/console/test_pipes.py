"""The line client as a tool for pipes (R04, R15): exit codes, JSON, no questions."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forking
from tests.running import PASSWORD, RunningServer, Talker, running


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


def command(server: RunningServer, data: Path, *arguments: str) -> list[str]:
    return ["client.py", "127.0.0.1", str(server.port), "--data", str(data), *arguments]


def run(
    server: RunningServer, data: Path, *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    words = command(server, data, *arguments)
    return forking.run(*words, text=stdin, env={**os.environ, **environment})


def listening(server: RunningServer, data: Path, *arguments: str) -> forking.Python:
    order = ("--mode", "listen", "--json", "--events", *arguments)
    process = forking.Python(*command(server, data, *order))
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("state") == "online":
            break
    return process


def test_r15_a_line_is_sent_and_the_exit_code_says_that_it_was(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as reader:
        reader.guest("reader1")

        done = run(
            one_server, tmp_path, "-n", "piper", "--mode", "send", "--to", "#all", stdin="hi"
        )

        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert reader.event("msg")["message"] == "hi"


def test_r15_listening_only_writes_what_is_said(one_server: RunningServer, tmp_path: Path) -> None:
    process = listening(one_server, tmp_path, "-n", "listener")
    run(one_server, tmp_path, "-n", "piper2", "--mode", "send", stdin="один\nдва\n")
    assert process.stdout is not None

    said = [json.loads(process.stdout.readline())["text"] for _ in range(2)]
    process.send_signal(signal.SIGINT)

    assert said == ["один", "два"]
    assert process.wait(60) == 0


def test_what_cannot_be_sent_is_said_on_standard_error(
    one_server: RunningServer, tmp_path: Path
) -> None:
    done = run(one_server, tmp_path, "-n", "piper3", "--mode", "send", "--to", "nobody", stdin="x")

    assert done.returncode == 1
    assert "There is no user nobody" in done.stderr
    assert "Traceback" not in done.stderr


def test_programs_write_json_to_whom_they_like(one_server: RunningServer, tmp_path: Path) -> None:
    with Talker(one_server.port) as reader:
        reader.guest("reader4")
        lines = '{"text": "to you", "to": "reader4"}\nno json\n'

        done = run(one_server, tmp_path, "-n", "piper4", "--mode", "send", "--json", stdin=lines)

        assert reader.event("msg")["message"] == "to you"
        assert done.returncode == 1
        assert "JSON" in done.stderr
        (sent,) = map(json.loads, done.stdout.splitlines())
        assert (sent["event"], sent["guest"]) == ("sent", True)


def test_an_account_is_made_and_used_without_a_question(
    one_server: RunningServer, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    arguments = ("-n", "account5", "--mode", "send", "--to", "account5")

    made = run(
        one_server, tmp_path, *arguments, "--register", "--password-file", str(secret), stdin="1"
    )
    # The token of the first login does for the second.
    again = run(one_server, tmp_path, *arguments, stdin="2")
    elsewhere = run(
        one_server, tmp_path / "other", *arguments, stdin="3", MESSENGER_PASSWORD=PASSWORD
    )

    assert [done.returncode for done in (made, again, elsewhere)] == [0, 0, 0], made.stderr


def test_what_is_sent_by_a_pipe_is_encrypted_and_what_is_listened_to_is_opened(
    one_server: RunningServer, tmp_path: Path
) -> None:
    secret = {"MESSENGER_PASSWORD": PASSWORD}
    made = ("--register", "--mode", "send", "--to", "#all")
    for name in ("sealer", "opener"):
        assert run(one_server, tmp_path, *made, "-n", name, stdin="", **secret).returncode == 0
    listener = listening(one_server, tmp_path, "-n", "opener")
    arguments = ("-n", "sealer", "--mode", "send", "--to", "opener")

    for text in ("first", "second"):
        assert run(one_server, tmp_path, *arguments, stdin=text).returncode == 0

    assert listener.stdout is not None
    heard = (json.loads(line) for line in listener.stdout)
    messages = (found for found in heard if found["event"] == "message")
    for text in ("first", "second"):
        found = next(messages)
        assert (found["text"], found["security"]) == (text, "encrypted")
    listener.send_signal(signal.SIGINT)
    listener.communicate(timeout=60)


def test_a_password_that_nobody_can_be_asked_for_is_said_to_be_missing(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as link:
        link.register("account6")

    done = run(one_server, tmp_path, "-n", "account6", "--mode", "send", stdin="hi")

    assert done.returncode == 2
    assert "--password-file" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-n", "#room"), "cannot begin with #"),
        (("-n", "x" * 26), "at most 25"),
        (("--invite", "http://example.com"), "not an invitation link"),
        (("--password-file", "/nowhere"), "/nowhere"),
    ],
)
def test_a_wrong_order_is_one_sentence_and_exit_code_2(
    one_server: RunningServer, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(one_server, tmp_path, *arguments, "--mode", "send", stdin="hi")

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """The line is sent once the server has come; nobody has to try again."""
    with running(tmp_path / "server") as server:
        server.stop()
        words = command(server, tmp_path, "-n", "patient", "--mode", "send")
        process = forking.Python(*words, stdin=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("at last\n")
        process.stdin.close()
        assert "cannot be reached" in process.stderr.readline()

        server.start()

        assert process.wait(60) == 0
        process.stderr.close()


def test_waiting_ends_when_the_time_is_over(tmp_path: Path) -> None:
    with running(tmp_path / "server") as server:
        server.stop()

        done = run(server, tmp_path, "-n", "hasty", "--mode", "send", "--timeout", "1", stdin="x")

        assert done.returncode == 1
        assert "in time" in done.stderr


def test_a_chat_without_a_terminal_takes_lines_and_ends_with_them(
    one_server: RunningServer, tmp_path: Path
) -> None:
    done = run(one_server, tmp_path, "-n", "plain", stdin="hello\n/who\n/nonsense\n//path\n")

    assert done.returncode == 0
    assert "plain: guest, online" in done.stdout
    assert "No command /nonsense" in done.stdout
    history = run(one_server, tmp_path, "-n", "plain", stdin="/history\n").stdout
    assert "hello" in history
    assert "/path" in history


def test_a_reader_that_goes_away_ends_it_quietly(one_server: RunningServer, tmp_path: Path) -> None:
    process = listening(one_server, tmp_path, "-n", "listener9")
    assert process.stdout is not None
    process.stdout.close()

    for _ in range(2):
        run(one_server, tmp_path, "-n", "piper9", "--mode", "send", stdin="to nobody\n")

    assert process.wait(60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_guest_needs_no_password_though_the_environment_has_one(
    one_server: RunningServer, tmp_path: Path
) -> None:
    guest = ("-n", "гость", "--guest", "--mode", "send")

    assert run(one_server, tmp_path, *guest, stdin="hi", MESSENGER_PASSWORD="x").returncode == 0


def test_a_listener_whose_device_is_removed_says_so_and_ends(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """Whoever reads what it writes would wait for ever."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    account = ("-n", "Иван", "--register", "--password-file", str(secret))
    process = listening(one_server, tmp_path, *account)
    with Talker(one_server.port) as owner:
        owner.log_in_fully("Иван")
        devices = owner.ask("own_devices")["devices"]
        (listener,) = (one["device"] for one in devices if one["device"] != "d1")

        assert owner.ask("forget_device", device=listener)["response"] == 200

    _output, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "removed" in said.splitlines()[-1]
