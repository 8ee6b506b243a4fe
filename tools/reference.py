"""Writes the page of commands and keys from their tables, in each language: `make reference`."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from messenger.console.screen.shortcuts import LOCAL_KEYS
from messenger.language import _
from messenger.ui.commands import COMMANDS
from messenger.ui.settings import CHOICES
from messenger.ui.shortcuts import SHORTCUTS, WINDOW_KEYS
from messenger.ui.where import Where

ROOT = Path(__file__).parent.parent
PAGES = {"en": ROOT / "docs" / "commands.md", "ru": ROOT / "docs" / "ru" / "commands.md"}
HEADS = {
    "en": "# Commands and keys\n\nWhat begins with `/` is a command; `//` begins a text that does.",
    "ru": "# Команды и клавиши\n\nЧто начинается с `/` — команда; такой текст пишется с `//`.",
}


def main() -> int:
    """Write the pages; with `--check` only return 1 if one is out of date."""
    # gettext chooses the language once per process, so each page is printed by one of its own.
    if sys.argv[1:2] == ["--print"]:
        print(page(HEADS[sys.argv[2]]), end="")
        return 0
    is_outdated = False
    for language, file in PAGES.items():
        text = subprocess.run(  # noqa: S603  this very program
            [sys.executable, __file__, "--print", language],
            env={**os.environ, "LANGUAGE": language, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        if sys.argv[1:] != ["--check"]:
            file.write_text(text, "utf-8")
        elif not file.exists() or file.read_text("utf-8") != text:
            print(f"{file.relative_to(ROOT)} is out of date: run `make reference`")
            is_outdated = True
    return int(is_outdated)


def page(head: str) -> str:
    """Return the page in the language of the environment."""
    commands = [entry.usage.partition(" - ")[::2] for entry in COMMANDS.values()]
    parts = [head]
    for title, rows in (
        (_("Commands"), commands),
        (_("Settings"), _settings(Where.EVERYWHERE)),
        (_("Settings that only the window has"), _settings(Where.WINDOW)),
        (_("Keys"), _keys(Where.EVERYWHERE)),
        (_("Keys in the terminal"), _keys(Where.TERMINAL, LOCAL_KEYS)),
        (_("Keys in the window"), _keys(Where.WINDOW, WINDOW_KEYS)),
    ):
        parts += [f"## {title}", "\n".join(["| | |", "|---|---|", *map(_row, rows)])]
    return "\n\n".join(parts) + "\n"


def _settings(where: Where) -> list[tuple[str, str]]:
    return [
        (f"/set {choice.name} {'|'.join(choice.values)}", _(choice.summary))
        for choice in CHOICES.values()
        if choice.where == where
    ]


def _keys(where: Where, local: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    shortcuts = [(one.label, one.summary) for one in SHORTCUTS if one.where == where]
    return [(keys, _(summary)) for keys, summary in [*shortcuts, *local]]


def _row(row: tuple[str, str]) -> str:
    left, right = row
    return f"| `{left.replace('|', chr(92) + '|')}` | {right} |"


if __name__ == "__main__":
    sys.exit(main())
