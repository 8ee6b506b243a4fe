"""CSV that spreadsheets open: UTF-8 with a mark, times in UTC, and no cell that is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""What a file begins with: without it Excel takes UTF-8 for the encoding of the system."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How texts begin that a spreadsheet evaluates, some even in full width."""


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV (RFC 4180); None is an empty cell.

    A text that a spreadsheet would evaluate gets an apostrophe before it: names and topics are
    chosen by users, and a formula can send what else is in the sheet to them.
    """
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def utc(moment: float | None) -> str:
    """Return a time (unix time) to the second in UTC, as spreadsheets read it; empty for None."""
    if moment is None:
        return ""
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):  # No calendar has it.
        return str(moment)


def _harmless(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if is_formula else cell
