"""Excerpts of messages that a search has found, with the hits apart from the rest."""

from typing import NamedTuple

from messenger.ui.text_spans import hits_in

_BEFORE = 12
"""Characters before the first hit that an excerpt shows: it is seen in a narrow panel, too."""
_NEAR = 20
"""A hit that is not further away is seen from the beginning."""


class Part(NamedTuple):
    """A part of a text: a hit, or what is between hits."""

    text: str
    is_hit: bool


def parts(text: str, words: str) -> list[Part]:
    """Return a text in parts, its hits apart from the rest."""
    found, end = list[Part](), 0
    for start, stop in hits_in(words, text):
        found += [Part(text[end:start], is_hit=False), Part(text[start:stop], is_hit=True)]
        end = stop
    found.append(Part(text[end:], is_hit=False))
    return [part for part in found if part.text]


def excerpt(text: str, words: str, length: int = 200) -> list[Part]:
    """Return the surroundings of the first hit in one line, in parts."""
    line = " ".join(text.split())
    hits = hits_in(words, line)
    start = hits[0][0] - _BEFORE if hits and hits[0][0] > _NEAR else 0
    if start:  # At the beginning of a word, if there is one.
        space = line.find(" ", start, hits[0][0])
        start = space + 1 if space >= 0 else start
    shown = line[start : start + length]
    return [Part("…", is_hit=False), *parts(shown, words)] if start else parts(shown, words)
