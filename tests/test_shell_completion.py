"""`messenger completion`: what a shell proposes with its script."""

import shutil
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


def test_zsh_lists_the_commands_of_one_level(capsys: pytest.CaptureFixture[str]) -> None:
    made = script("zsh", capsys)

    def listed(function: str) -> list[str]:
        begin = made.index(f"{function}_commands() {{")
        lines = made[begin : made.index("\n  )\n", begin)].splitlines()[2:]
        return [line.strip().partition(":")[0] for line in lines]

    assert {"admin", "backup", "server"} <= set(listed("_shtab_messenger"))
    # And nothing of what is one level lower, such as `add` of `admin accounts`.
    admin = listed("_shtab_messenger_admin")
    assert {"accounts", "promote", "stats"} <= set(admin)
    assert not {"add", "block", "check", "revoke"} & set(admin)
    assert {"add", "reset-password"} <= set(listed("_shtab_messenger_admin_accounts"))
    assert "admin:'administer a server'" in made  # not the description, which is a sentence
    if shutil.which("zsh"):
        checked = subprocess.run(["zsh", "-n"], input=made, capture_output=True, text=True)
        assert (checked.returncode, checked.stderr) == (0, "")
