"""The documentation as its readers take it: blocks of commands, programs and wire, with marks.

A mark is an HTML comment before a block, which a reader of the page does not see:

* `terminal: TEXT` - the command is run at a terminal, until it shows this
* `until it shows: TEXT` - it goes on until it is stopped; it shows this when somebody says "hi"
* `NAME is asked: TEXT -> ANSWER` - a bot, or one in a room (`#dev is asked: ...`); ann asks
* `typed at the prompts that are shown` - a conversation at the line client
* `not run: REASON`
"""

import re
from typing import NamedTuple

from tests.forking import ROOT

PAGES = ("README.md", *(f"docs/{name}.md" for name in ("guide", "sdk", "operating", "protocol")))

_MARK = re.compile(r"<!-- (.*) -->")


class Block(NamedTuple):
    """A block of a page; `kind` is `shell`, `wire`, or what stands behind the fence."""

    page: str
    line: int
    kind: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in their order, without files that are included."""
    found: list[Block] = []
    lines = read(page).splitlines()
    mark, number = "", 0
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
                mark = said[1] if (said := _MARK.fullmatch(line)) else ""
            number += 1
            continue
        if not kind.startswith("{"):
            found.append(Block(page, number + 1, kind, text, mark))
        mark, number = "", end + 1
    return found


def _end_of_indented(lines: list[str], start: int) -> int:
    for number in range(start, len(lines)):
        if not lines[number].startswith("    "):
            return number
    return len(lines)
