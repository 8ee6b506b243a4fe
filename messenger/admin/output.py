"""What a verb shows: lines for people, or one JSON document for programs."""

import json
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import UNSET, Struct, structs

from messenger.language import _
from messenger.output import visible, write_line
from messenger.ui.quantities import date_and_time

_GAP = "  "
_OF_THE_REPLY = ("response", "time", "id", "alert", "error", "retry_after", "kind")


class Shown(NamedTuple):
    """What a verb shows: lines for people, a value for programs, and the exit code."""

    lines: Sequence[str]
    value: object
    code: int = 0


def write(shown: Shown, *, as_json: bool) -> bool:
    """Write to standard output; False if it is closed or full."""
    if as_json:
        return write_line(json.dumps(shown.value, ensure_ascii=False), as_is=True)
    return all(write_line(line) for line in shown.lines)


def plain(value: object) -> object:
    """Return a value for JSON: of a structure all fields, of a reply none that all replies have."""
    if isinstance(value, Struct):
        left_out = _OF_THE_REPLY if hasattr(value, "response") else ()
        return {
            field.encode_name: plain(getattr(value, field.name))
            for field in structs.fields(value)
            if field.name not in left_out and getattr(value, field.name) is not UNSET
        }
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def done(words: str) -> Shown:
    """Return the server's words for what was done."""
    return Shown([words], {"done": words})


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table whose columns are as wide as what is in them."""
    cells = [list(titles), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        _GAP.join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def facts(*pairs: tuple[str, str]) -> list[str]:
    """Return lines of names and values, without those that have no value."""
    kept = [pair for pair in pairs if pair[1]]
    width = max((_width(name) for name, _value in kept), default=0)
    return [f"{name}:{' ' * (width - _width(name))} {visible(value)}" for name, value in kept]


def moment(when: float | None) -> str:
    """Return a time (unix time) as people here write it, to the minute; empty for none."""
    return date_and_time(when or None)


def how_many(shown: int, total: int) -> list[str]:
    """Return a line that says so if a page does not show all."""
    if shown == total:
        return []
    return ["", _("{shown} of {total} are shown.", shown=shown, total=total)]


def more(before: int | None) -> list[str]:
    """Return a line that tells how to see earlier rows, if there are any."""
    if before is None:
        return []
    return ["", _("Earlier ones: --before {number}", number=before)]


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
