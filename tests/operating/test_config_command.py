"""`messenger config` with and without a running server."""

import os
import pty
import signal
from pathlib import Path

import pytest
import trustme

from messenger.__main__ import main
from messenger.server.running_state import find_state
from tests.forking import Python
from tests.operating.conftest import Command
from tests.ports import free_port
from tests.running import SecureTalker, Talker, running, until


@pytest.fixture
def port() -> str:
    """A port that no other program has: a change is refused if one has it."""
    return str(free_port())


def test_settings_are_changed_and_shown_without_a_server(
    data: Path, command: Command, port: str
) -> None:
    (data / "messenger.toml").write_text("# Хор\nguests = 'off'\n", "utf-8")

    ran = command("config", "set", "port", port, "name", "Хор", "limits.rooms", "7")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"port: default -> {port}",
        'name: default -> "Хор"',
        "limits.rooms: default -> 7",
    ]
    assert (data / "messenger.toml").read_text("utf-8").startswith("# Хор\nguests = 'off'\n")
    assert command("config", "get", "port") == (0, f"{port}\n", "")
    assert command("config", "get", "limits.rooms").out == "7\n"
    assert command("config", "get", "certificate").out == "\n"
    shown = command("config", "show").out
    assert '"Хор"  (file)' in shown
    assert "limits.backlog" in shown
    shown = command("config", "show", "--changed").out
    assert "guests" in shown
    assert "limits.backlog" not in shown
    shown = command("config", "show", "limits.rooms", "plain").out
    assert "a whole number from 1 to 1000000000" in shown
    assert 'one of "loopback", "any", "off"' in shown
    assert (
        command("config", "set", "--default", "limits.rooms").out == "limits.rooms: 7 -> default\n"
    )
    assert "already" in command("config", "set", "guests", "off").out


def test_every_setting_is_explained(command: Command) -> None:
    known = [str(one["name"]) for one in command("config", "show", "--json").objects]

    ran = command("config", "show", *known)

    assert (ran.code, ran.err) == (0, "")
    details = dict.fromkeys(known, "") | {
        part.split("\n")[0]: part for part in ran.out.split("\n\n")
    }
    assert all("takes effect" in found for found in details.values())
    assert "hours" in details["backup_every"]
    assert "days" in details["message_days"]


def test_programs_get_json(data: Path, command: Command, port: str) -> None:
    changed = command("config", "set", "--json", "port", port).objects
    assert changed == [
        {"name": "port", "before": None, "after": int(port), "overridden_by": "", "effect": "start"}
    ]
    (found,) = command("config", "show", "--json", "port").objects
    assert (found["value"], found["default"], found["source"]) == (int(port), 7777, "file")
    assert len(command("config", "show", "--json").objects) > 50
    assert command("config", "get", "--json", "port").objects == [found]
    assert command("config", "check", "--json").objects[0]["level"] == "ok"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["get", "prot"], "did you mean port?"),
        (["show", "room_members"], "did you mean limits.room_members?"),
        (["set", "prot", "1"], "did you mean port?"),
        (["set", "port", "70000"], "from 0 to 65535"),
        (["set", "port"], "needs a value"),
        (["set"], "needs a value"),
        (["set", "--default", "порт"], "no setting порт"),
        (["set", "certificate", "/nowhere"], "must be set together"),
        (["certificate", "--import", "/nowhere", "/nowhere"], "cannot be used"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    data: Path, command: Command, words: list[str], said: str
) -> None:
    ran = command("config", *words)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert list(data.iterdir()) == []


def test_what_cannot_be_saved_now_is_exit_code_1(data: Path, command: Command) -> None:
    file = data / "messenger.toml"
    file.write_text("port = 1\n")
    file.chmod(0o400)

    ran = command("config", "set", "port", "2")

    assert (ran.code, ran.out) == (1, "")
    assert "is read-only" in ran.err


def test_a_broken_file_is_named_by_every_command(data: Path, command: Command) -> None:
    (data / "messenger.toml").write_text("порт = ", "utf-8")

    for words in (["show"], ["get", "port"], ["set", "port", "1"], ["check"], ["certificate"]):
        ran = command("config", *words)
        assert ran.code == 2
        assert "messenger.toml cannot be read" in ran.out + ran.err


def test_a_check_says_what_a_start_would_say(
    data: Path, command: Command, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSENGER_PORT", port)
    ran = command("config", "check")
    assert ran.code == 0
    assert "the defaults are used" in ran.out
    file = data / "messenger.toml"
    file.write_text("engine = 'uvloop'\n")
    assert f"ok: The settings in {file} are valid" in command("config", "check").out
    for toml, said in (
        ("address = '192.0.2.1'", "failed: Cannot listen on 192.0.2.1"),
        ("certificate = '/a'\nprivate_key = '/b'", "failed: The certificate or key /a"),
        ("database = 'mysql://x'", "failed: The setting database"),
    ):
        file.write_text(toml)
        ran = command("config", "check")
        assert ran.code == 2
        assert said in ran.out
    assert sorted(one.name for one in data.iterdir()) == ["messenger.toml"]


# --- with a running server ------------------------------------------------------------------------


def test_a_running_server_takes_over_what_it_can(data: Path, command: Command, port: str) -> None:
    with running(data) as server:
        ran = command("config", "set", "registration", "closed", "port", port, "log_days", "5")

        assert ran.code == 0
        assert "In effect now: registration" in ran.out
        assert "Restart the server for: log_days" in ran.out
        with Talker(server.port) as talker:
            assert talker.register("ann")["response"] == 403
        shown = command("config", "show", "--changed").out
        assert f"{port}  (file); the running server uses 0" in shown
        effects = command("config", "set", "--json", "guests", "off", "log_days", "4").objects
        assert [one["effect"] for one in effects] == ["now", "restart"]
        assert "valid" in command("config", "check").out


def test_no_restart_is_advised_for_what_the_command_line_hides(
    data: Path, command: Command
) -> None:
    with running(data, "--log-level", "WARNING"):
        ran = command("config", "set", "log_level", "DEBUG", "log_days", "3")

    assert "Restart the server for: log_days\n" in ran.out
    assert "log_level is set by the command line as well" in ran.err


def test_the_file_that_the_server_does_not_read_is_not_changed(
    data: Path, tmp_path: Path, command: Command
) -> None:
    other = tmp_path / "другой.toml"
    other.write_text("guests = 'any'\n")
    with running(data, "--config", str(other)):
        ran = command("config", "set", "registration", "closed")
        assert (ran.code, ran.out) == (2, "")
        assert f"reads {other}" in ran.err
        assert f"from {other}" in command("doctor").out

        ran = command("config", "set", "registration", "closed", "--config", str(other))

        assert "In effect now: registration" in ran.out
    assert not (data / "messenger.toml").exists()


def test_a_server_in_a_terminal_is_not_ended_by_a_change(data: Path, command: Command) -> None:
    """SIGHUP would stop it: the command has the server itself make the change."""
    controller, terminal = pty.openpty()
    words = ("server.py", "-a", "127.0.0.1", "-p", "0", "--data", str(data))
    server = Python(*words, stdin=terminal)
    try:
        until(lambda: find_state(data) is not None)

        ran = command("config", "set", "registration", "closed")

        assert "In effect now: registration" in ran.out
        assert server.poll() is None
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
        os.close(terminal)
        os.close(controller)


def test_a_certificate_is_renewed_and_imported_while_the_server_runs(
    data: Path, tmp_path: Path, command: Command
) -> None:
    made = trustme.CA().issue_cert("chat.example")
    made.private_key_pem.write_to_path(str(tmp_path / "key"))
    for blob in made.cert_chain_pems:
        blob.write_to_path(str(tmp_path / "chain"), append=True)
    with running(data) as server:
        with SecureTalker(server.port) as talker:
            old, fingerprint = talker.certificate, talker.fingerprint
        (shown,) = command("config", "certificate", "--json").objects
        assert (shown["fingerprint"], shown["is_own"]) == (fingerprint, True)

        assert command("config", "certificate", "--renew").code == 0
        with SecureTalker(server.port) as talker:
            assert talker.certificate != old
            assert talker.fingerprint == fingerprint

        ran = command("config", "certificate", "--new-key")
        assert "The key is another one" in ran.err
        with SecureTalker(server.port) as talker:
            assert talker.fingerprint != fingerprint

        words = ("--import", str(tmp_path / "chain"), str(tmp_path / "key"))
        ran = command("config", "certificate", *words)
        assert ran.code == 0
        assert "chat.example" in ran.out
        (shown,) = command("config", "certificate", "--json").objects
        with SecureTalker(server.port) as talker:
            assert talker.fingerprint == shown["fingerprint"]
        assert command("config", "certificate", "--renew").code == 2


@pytest.mark.parametrize(
    "words",
    [
        *("config set", "config show", "config get", "config check", "config certificate"),
        *("doctor", "log"),
    ],
)
def test_every_command_has_help_with_an_example(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])

    assert ended.value.code == 0
    assert f"\n  messenger {words}" in capsys.readouterr().out
