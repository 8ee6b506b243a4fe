"""Options of the client are checked where they are given."""

from pathlib import Path

import pytest

from messenger.__main__ import main
from messenger.console.options import Options, check
from tests.console.test_start import NAME


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a..b"], "not a valid host name"),
        (["a" * 64 + ".example"], "not a valid host name"),
        ([""], "Type the server's address"),
        (["127.0.0.1:7_7"], "not a server address"),
        (["127.0.0.1:99999"], "from 1 to 65535"),
        (["127.0.0.1:7777", "7778"], "127.0.0.1:7777 and the port 7778 contradict each other"),
        (["[::1]:1", "2"], "contradict"),
        (["jim://h:1?invite=t", "2"], "contradict"),
        (["::::"], ":::: is not a server address"),
        (["a:b:7777"], "a:b:7777 is not a server address"),
        (["127.0.0.1", "0"], "from 1 to 65535"),
        (["127.0.0.1", "99999"], "from 1 to 65535"),
        (["127.0.0.1", "--timeout", "nan"], "number of seconds"),
        (["127.0.0.1", "--timeout", "-1"], "number of seconds"),
        (["127.0.0.1", "--to", ""], "--to:"),
        (["127.0.0.1", "--to", "#a b"], "--to:"),
        (["127.0.0.1", "-n", ""], "-n:"),
        (["127.0.0.1", "--profile", " "], "--profile"),
        (["127.0.0.1", "-n", "\udcff"], "not text in UTF-8"),
        (["127.0.0.1", "--trust", ""], "fingerprint"),
        (["127.0.0.1", "--trust", "abc"], "fingerprint"),
        (["--invite", ""], "invitation"),
        (["127.0.0.1", "--restore", "/nowhere"], "no file /nowhere"),
    ],
)
def test_options_are_checked_where_they_are_given(
    arguments: list[str], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(["chat", "--lines", "--data", str(tmp_path), *arguments])

    error = capfd.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert said in error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", [["h:1", "1"], ["h", "1"], ["[::1]:1", "1"], ["::1", "1"]])
def test_one_port_may_be_said_twice(
    place: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is complained of is another option: nothing is wrong with the place."""
    assert main(["chat", *place, "--data", str(tmp_path), "--to", ""]) == 2
    assert capfd.readouterr().err.startswith("--to")


@pytest.mark.parametrize("to", ["#", "#кафе", "Dave Smith", "a/b%41", None])
def test_whoever_can_be_written_to_can_be_named(to: str | None) -> None:
    check(Options("münchen.example", 7777, NAME, to=to, timeout=0))
