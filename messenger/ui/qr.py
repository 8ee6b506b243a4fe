"""QR codes in a terminal: two rows of modules in each line."""

import sys
from collections.abc import Iterator

import segno

from messenger.output import can_show

_BLOCKS = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}


def may_show_qr() -> bool:
    """Tell whether standard output is a terminal that has the characters of a QR code."""
    return sys.stdout is not None and sys.stdout.isatty() and can_show("█▀▄", sys.stdout)


def qr_lines(text: str) -> Iterator[str]:
    """Yield the lines of a QR code (ISO/IEC 18004) of the text, light on dark."""
    # The lowest error correction: a screen has no stains, and the code stays small.
    rows = [list(row) for row in segno.make(text, error="l").matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(
            _BLOCKS[int(one), int(other)] for one, other in zip(upper, lower, strict=True)
        )
