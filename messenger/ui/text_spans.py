"""Where in a text something is: mentions of a user, hits of a search; and texts of emoji alone."""

import re
import unicodedata
from collections.abc import Iterator

from messenger.jim.names import same_key

Span = tuple[int, int]
"""From a character up to another one."""

_MAX_ALONE = 6
"""Emoji that are shown in a large size if there is nothing else in the message."""
_ONE_EMOJI = (
    "(?:"
    "[\U0001f1e6-\U0001f1ff]{2}"  # flags
    "|[0-9#*]\ufe0f?\u20e3"  # keys
    "|(?:[\U0001f000-\U0001f0ff\U0001f18e\U0001f191-\U0001f19a\U0001f200-\U0001faff"
    # Those of the older blocks that are pictures by default, then others that are made so.
    "\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab"
    "\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b"
    "\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55]\ufe0f?"
    "|[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u2300-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299]\ufe0f)"
    "[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"  # colours of skin, flags of regions
    ")"
)
_EMOJI = re.compile(rf"{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI}|\u200d[\u2640\u2642\u2695\u2764]\ufe0f?)*")


def is_emoji_only(text: str) -> bool:
    """Tell whether a text is a few emoji and nothing else."""
    rest = "".join(text.split())
    if not rest or len(text) > 20 * _MAX_ALONE or "\n" in text:
        return False
    at = count = 0
    while at < len(rest):
        match = _EMOJI.match(rest, at)
        if match is None:
            return False
        at, count = match.end(), count + 1
    return count <= _MAX_ALONE


def mentions_in(name: str, text: str) -> list[Span]:
    """Return where a text mentions the account of that name, with the `@`."""
    wanted = f"@{same_key(name)}"
    found = []
    for match in re.finditer("[@\uff20\ufe6b]", text):
        start, end = match.start(), match.start() + len(name) + 1
        is_address = _is_of_word(text[start - 1 : start]) if start else False
        goes_on = _is_of_word(name[-1:]) and _is_of_word(text[end : end + 1])
        if same_key(text[start:end]) == wanted and not is_address and not goes_on:
            found.append((start, end))
    return found


def hits_in(words: str, text: str) -> list[Span]:
    """Return where a text contains the words of a search, which ignores case and forms."""
    from messenger.sdk.store.fulltext import fold

    wanted = fold(words)
    if not wanted or wanted not in fold(text):
        return []
    folded, origins = _folded_by_letters(text)
    return list(_merged(_places(wanted, folded, origins)))


def _places(wanted: str, folded: str, origins: list[Span]) -> Iterator[Span]:
    at = folded.find(wanted)
    while at >= 0:
        yield origins[at][0], origins[at + len(wanted) - 1][1]
        at = folded.find(wanted, at + len(wanted))


def _folded_by_letters(text: str) -> tuple[str, list[Span]]:
    """Return a text as the search compares it, and where each character of that comes from.

    Letters are folded with what follows them if both become one character: mostly combining marks.
    """
    from messenger.sdk.store.fulltext import fold

    folded: list[str] = []
    origins: list[Span] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _is_joined(text[start:end], text[end]):
            end += 1
        part = fold(text[start:end])
        folded.append(part)
        origins += [(start, end)] * len(part)
        start = end
    return "".join(folded), origins


def _is_joined(before: str, character: str) -> bool:
    if unicodedata.combining(character):
        return True
    if character < "\u0300":  # No other character before the first mark joins another one.
        return False
    # Hangul's vowels, for example, are no marks.
    apart = [unicodedata.normalize("NFKC", one) for one in (before, character)]
    return unicodedata.normalize("NFKC", before + character) != "".join(apart)


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    last: Span | None = None
    for start, end in spans:
        if last is not None and start <= last[1]:
            last = (last[0], max(end, last[1]))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def _is_of_word(character: str) -> bool:
    return bool(character) and (
        character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"
    )
