"""Texts that would take too long to lay out: what a view shows at once, and a field takes."""

_MOST = 20_000
"""About the weight that a view lays out in a frame or two: no honest text is much longer."""
_SHORT = 500
"""Characters that weigh less, whatever they are."""
_LINE, _PICTURE = 10, 40
"""Weights of a new line and of an emoji, whose picture is loaded (80 µs, measured); letters are 1.

So much time do 20,000 letters, 2,000 lines or 500 emoji take.
"""

_MOST_EDITED, _LONGEST_WORD, _MOST_PICTURES = 200_000, 20_000, 2_500
"""Characters, characters without a space, and emoji: each of them takes 50 to 300 ms at a key."""


def can_be_edited(text: str) -> bool:
    """Tell whether a field takes a text fluently: it is laid out at each key.

    That takes the square of a word's length.
    """
    if len(text) > _MOST_EDITED or max(map(len, text.split()), default=0) > _LONGEST_WORD:
        return False
    return len(text) <= _MOST_PICTURES or sum(map(_is_picture, text)) <= _MOST_PICTURES


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
    return _PICTURE if _is_picture(character) else 1


def _is_picture(character: str) -> bool:
    return character >= "\U0001f000" or "\u2190" <= character < "\u2c00"
