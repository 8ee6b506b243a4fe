"""QR codes in a terminal: each module where it belongs, and a rim around."""

import segno

from messenger.ui.qr import qr_lines

_ROWS = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}


def test_the_blocks_are_the_code() -> None:
    text = "40390 34003 01114 98615"

    rows: list[list[int]] = []
    for line in qr_lines(text):
        pairs = [_ROWS[block] for block in line]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]

    expected = [list(map(int, row)) for row in segno.make(text, error="l").matrix_iter(border=2)]
    assert rows[: len(expected)] == expected
    assert rows[0] == [0] * len(rows[0])
