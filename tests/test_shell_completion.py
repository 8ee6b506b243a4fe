"""`messenger completion`: what a shell proposes with its script."""

import subprocess
from pathlib import Path

import pytest

from messenger.__main__ import main

# What bash does when Tab is pressed behind these words.
TRY = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
function=$(complete -p messenger | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$function" messenger "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.io
@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (["ad"], {"admin"}),
        (["admin", "accounts", ""], {"list", "show", "add", "block"}),
        (["admin", "accounts", "list", "--filter", ""], {"present", "blocked", "all"}),
        (["admin", "config", "set", "--def"], {"--default"}),
        (["admin", "log", "--level", "W"], {"WARNING"}),
        (["config", ""], {"show", "get", "set", "check", "certificate"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["server", "--data", "da"], {"data"}),
    ],
)
def test_bash_proposes_what_the_parser_accepts(
    tmp_path: Path, words: list[str], proposed: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "messenger"
    file.write_text(script("bash", capsys), "utf-8")

    ran = subprocess.run(
        ["bash", "-c", TRY, "bash", str(file), "messenger", *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )

    found = set(ran.stdout.splitlines())
    assert "error" not in ran.stderr
    assert proposed <= found
    if words[-1]:
        assert all(one.startswith(words[-1]) for one in found)


@pytest.mark.parametrize(
    ("shell", "begin"), [("zsh", "#compdef messenger\n"), ("fish", "# AUTOMATICALLY GENERATED")]
)
def test_other_shells_have_scripts_with_all_commands(
    shell: str, begin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = script(shell, capsys)

    assert made.startswith(begin)
    for word in ("desktop", "accounts", "certificate", "--new-password-file"):
        assert word.removeprefix("--") in made
