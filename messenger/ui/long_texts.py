"""Texts that would take too long to lay out: as much of them as a view shows at once."""

_MOST = 20_000
"""About the weight that a view lays out in a frame or two: no honest text is much longer."""
_SHORT = 500
"""Characters that weigh less, whatever they are."""
_LINE, _PICTURE = 10, 40
"""Weights of a new line and of an emoji, whose picture is loaded (80 µs, measured); letters are 1.

So much time do 20,000 letters, 2,000 lines or 500 emoji take.
"""


def beginning(text: str) -> str:
    """Return the beginning of a text that is too long to be laid out at once, or all of it."""
    if len(text) <= _SHORT:
        return text
    weight = 0
    for at, character in enumerate(text):
        weight += _weight(character)
        if weight > _MOST:
            return text[:at]
    return text


def _weight(character: str) -> int:
    if character == "\n":
        return _LINE
    is_picture = character >= "\U0001f000" or "\u2190" <= character < "\u2c00"
    return _PICTURE if is_picture else 1
