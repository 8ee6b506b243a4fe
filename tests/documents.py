"""Reads the documentation's blocks: commands, programs and examples of the wire, with directives.

A directive is an HTML comment before a block, which readers of the page do not see:

* `terminal: TEXT` - the command is run at a terminal, until it shows this text
* `until it shows: TEXT` - it runs until it is stopped; it shows this when somebody says "hi"
* `NAME is asked: TEXT -> ANSWER` - a bot, or one in a room (`#dev is asked: ...`); ann asks it
* `typed at the prompts that are shown` - a conversation at the line client
* `not run: REASON`
"""

import re
from typing import NamedTuple

from tests.forking import ROOT

PAGES = ("README.md", *(f"docs/{name}.md" for name in ("guide", "sdk", "operating", "protocol")))

_DIRECTIVE = re.compile(r"<!-- (.*) -->")


class Block(NamedTuple):
    """A block of a page; `kind` is `shell`, `wire`, or the language after the fence."""

    page: str
    line: int
    kind: str
    text: str
    directive: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in their order, without included files."""
    found: list[Block] = []
    lines = read(page).splitlines()
    directive, number = "", 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = lines.index("```", number + 1)
            kind, text = line.strip("`"), "\n".join(lines[number + 1 : end])
        elif line.startswith("    ") and not lines[number - 1].strip():
            end = _end_of_indented(lines, number)
            text = "\n".join(row[4:] for row in lines[number:end])
            kind = "wire" if text.startswith(("->", "<-")) else "shell"
        else:
            if line.strip():
                directive = match[1] if (match := _DIRECTIVE.fullmatch(line)) else ""
            number += 1
            continue
        if not kind.startswith("{"):
            found.append(Block(page, number + 1, kind, text, directive))
        directive, number = "", end + 1
    return found


def _end_of_indented(lines: list[str], start: int) -> int:
    for number in range(start, len(lines)):
        if not lines[number].startswith("    "):
            return number
    return len(lines)
