"""Where the words of a search stand in a text: the same places that the search index finds."""

import unicodedata
from itertools import accumulate
from typing import NamedTuple

from messenger.sdk.store.fulltext import fold

_BEFORE = 24
"""Characters before the first hit that an excerpt shows."""


class Part(NamedTuple):
    """A part of a text: a hit, or what is between hits."""

    text: str
    is_hit: bool


def find_hits(text: str, words: str) -> list[tuple[int, int]]:
    """Return the places (start, end) of the searched words in a text, from left to right.

    Case, compatibility forms, and ё or е make no difference, as in the index.
    """
    wanted = fold(words.strip())
    if not wanted or wanted not in fold(text):
        return []
    pieces = _pieces(text)
    starts = [0, *accumulate(map(len, pieces))]
    folded = [fold(piece) for piece in pieces]
    # The piece that each character of the folded text comes from.
    origins = [index for index, piece in enumerate(folded) for _character in piece]
    whole, found, at = "".join(folded), list[tuple[int, int]](), 0
    while (at := whole.find(wanted, at)) >= 0:
        first, last = origins[at], origins[at + len(wanted) - 1]
        found.append((starts[first], starts[last + 1]))
        at += len(wanted)
    return found


def parts(text: str, words: str) -> list[Part]:
    """Return a text in parts, its hits apart from the rest."""
    found, end = list[Part](), 0
    for start, stop in find_hits(text, words):
        if start < end:  # Two hits in one character, such as `l` in `㏒`.
            continue
        found += [Part(text[end:start], False), Part(text[start:stop], True)]
        end = stop
    found.append(Part(text[end:], False))
    return [part for part in found if part.text]


def excerpt(text: str, words: str, length: int = 200) -> list[Part]:
    """Return the surroundings of the first hit in one line, in parts."""
    line = " ".join(text.split())
    hits = find_hits(line, words)
    start = max(0, hits[0][0] - _BEFORE) if hits else 0
    if start:  # At the beginning of a word, if there is one.
        space = line.find(" ", start, hits[0][0])
        start = space + 1 if space >= 0 else start
    shown = line[start : start + length]
    return [Part("…", False), *parts(shown, words)] if start else parts(shown, words)


def _pieces(text: str) -> list[str]:
    """Return a text in pieces that are normalized independently of each other."""
    if unicodedata.is_normalized("NFKC", text):
        return list(text)
    found: list[str] = []
    for character in text:
        if found and not _is_independent(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _is_independent(before: str, character: str) -> bool:
    if unicodedata.combining(character):
        return False
    # Some characters compose with the one before though they are no marks: Hangul's vowels.
    both = unicodedata.normalize("NFKC", before + character)
    return both == unicodedata.normalize("NFKC", before) + unicodedata.normalize("NFKC", character)
