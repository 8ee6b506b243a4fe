"""Wraps lines between words: a terminal itself breaks them anywhere."""

from rich.cells import cell_len

_HANGING = "    "
_QR = "█"


def wrapped(line: str, width: int) -> str:
    """Return the line in rows of at most `width` cells; a longer word, such as a link, stays whole.

    All rows but the first are indented, so that no text can imitate another message.
    """
    if cell_len(line) <= width or _QR in line:
        return line
    text = line.lstrip(" ")
    indent = " " * (len(line) - len(text))
    first, *words = text.split(" ")
    rows, row = [], indent + first
    for word in words:
        if cell_len(row) + 1 + cell_len(word) > width:
            rows.append(row)
            # Both consist of spaces, so the greater one is the longer one.
            row = max(indent, _HANGING) + word
        else:
            row += " " + word
    return "\n".join([*rows, row])
