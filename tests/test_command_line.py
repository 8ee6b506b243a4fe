"""The command line: each mistake is one sentence in the user's language, and exit code 2."""

import os
import subprocess
import sys

import pytest

from messenger.__main__ import main
from tests.forking import ROOT

MISTAKES = [
    (["chat", "127.0.0.1", "abc"], "PORT: “abc” is not a whole number"),
    (["chat", "127.0.0.1", "7_7"], "PORT: “7_7” is not a whole number"),
    (["chat", "--mode", "dance"], "--mode: invalid choice: 'dance'"),
    (["chat", "--timeout", "скоро"], "--timeout: “скоро” is not a number"),
    (["chat", "--timeout"], "--timeout: expected one argument"),
    (["chat", "--bogus"], "unrecognized arguments: --bogus"),
    (["chat", "--lo", "x"], "--lo"),
    (["chat", "--guest", "--register"], "not allowed with argument --guest"),
    (["chat", "--json=yes"], "ignored explicit argument 'yes'"),
    (["server", "-p", "abc"], "-p/--port: “abc” is not a whole number"),
    (["server", "--engine", "\x1b[2J"], "--engine: invalid choice"),
    (["invite", "--uses", "2.5"], "--uses: “2.5” is not a whole number"),
    (["invite", "--days", "1e"], "--days: “1e” is not a number"),
    (["dance"], "COMMAND: invalid choice: 'dance'"),
    (["--data", "here", "server"], "options follow the command, as in: COMMAND --data"),
    (["backup", "--data=here", "make"], "options follow the command, as in: COMMAND --data"),
    (["admin", "--data", "here", "accounts", "list"], "options follow the command"),
    ([], "the following arguments are required: COMMAND"),
]


WRONG_PLACES = [["chat", "--invite", "foo"], ["chat", "a..b"]]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES)
def test_a_mistake_is_one_sentence(
    arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)

    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert "usage" not in err


def test_mistakes_and_help_are_in_the_users_language() -> None:
    lines = [*(arguments for arguments, _said in MISTAKES), *WRONG_PLACES, ["chat", "--help"]]
    program = f"""
from messenger.__main__ import main
for arguments in {lines}:
    try:
        main(arguments)
    except SystemExit:
        pass
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "LANGUAGE": "ru", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )

    said = done.stderr.splitlines()
    assert len(said) == len(MISTAKES) + len(WRONG_PLACES)
    assert "foo — не ссылка-приглашение" in said[-2]
    assert "a..b — недопустимое имя узла" in said[-1]
    assert not [line for line in said if "argument" in line or "invalid" in line]
    assert "PORT: «abc» — не целое число" in said[0]
    head = done.stdout.splitlines()
    assert head[0].startswith("Использование: messenger chat")
    for english in ("usage", "options", "positional", "show this help"):
        assert english not in done.stdout
