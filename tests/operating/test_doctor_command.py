"""`messenger doctor` with and without a running server."""

import json
from pathlib import Path

from tests.forking import Python
from tests.operating.conftest import Command
from tests.running import running

TOML = 'address = "127.0.0.1"\nport = 0\n'


def test_each_check_is_a_line_with_its_time(data: Path, command: Command) -> None:
    (data / "messenger.toml").write_text(TOML)
    (data / "messenger.toml").chmod(0o600)

    ran = command("doctor")

    assert ran.code in (0, 1)
    assert ran.err == ""
    assert f"ok: Settings: The settings are valid; no server runs in {data} (" in ran.out
    assert "ok: Rights of files: Only the server's user can read the files (" in ran.out


def test_programs_get_json(data: Path, command: Command) -> None:
    with running(data):
        ran = command("doctor", "--json")

    found = {one["name"]: one for one in ran.objects}
    assert found["round_trip"]["level"] == "ok"
    assert set(found["tls"]) == {"name", "level", "seconds", "text", "advice"}
    assert (ran.code == 0) == all(one["level"] == "ok" for one in ran.objects)


def test_a_failure_is_exit_code_2_with_advice(data: Path, command: Command) -> None:
    (data / "messenger.toml").write_text("port = 'x'\n")

    ran = command("doctor")

    assert ran.code == 2
    assert ran.out.startswith("failed: Settings: port in")
    assert ran.out.splitlines()[1] == "    Correct it: no server starts so"


def test_it_speaks_russian(data: Path) -> None:
    (data / "messenger.toml").write_text(TOML)
    program = Python(
        *("-m", "messenger", "doctor", "--data", str(data)),
        env={"LANGUAGE": "ru", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )

    out, err = program.communicate(timeout=60)

    assert err == ""
    assert "Права на файлы" in out
    assert not [line for line in out.splitlines() if line.startswith(("ok", "warning", "failed"))]


def test_output_that_nobody_reads_is_no_error(data: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        program = Python("-m", "messenger", "doctor", "--data", str(data), stdout=full.fileno())
        _out, err = program.communicate(timeout=60)

    assert "Traceback" not in err


def test_json_is_one_object_for_each_line(data: Path, command: Command) -> None:
    for line in command("doctor", "--json").out.splitlines():
        assert isinstance(json.loads(line), dict)
