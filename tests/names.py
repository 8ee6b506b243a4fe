"""Names as people have them: in other scripts, with characters special in paths, and long."""

import unicodedata
import zlib
from collections.abc import Callable

DIRECTORY = "данные %41 ?#"
"""The name of the tests' directories: its special characters must be taken literally."""

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC = "абцдефгхийклмнопярстувшжыз"
_HAN = "安伯才大恩福高海衣金可力木南欧平七人山天乌文小雪音中"
_LONGEST = 25


def odd_name(start: str, number: int, test: str = "") -> str:
    """Return an unusual name, the same for the same start in the same test.

    Each is in one script; the number makes it unique among tests. If two starts differ only by
    case, so do their names.
    """
    folded = unicodedata.normalize("NFKC", start)
    if not folded.isascii():
        return f"{start} {number}"
    choice = zlib.crc32(f"{test} {folded.casefold()}".encode()) % len(_KINDS)
    return _KINDS[choice](start, folded, number)


def odd_room(start: str, number: int, test: str = "") -> str:
    """Return the name of a room (or what follows its #), which has no spaces."""
    return odd_name(start, number, test).replace(" ", "_")


def _cyrillic(_start: str, folded: str, number: int) -> str:
    return f"{_written_in(_CYRILLIC, folded)} {number}"


def _han(_start: str, folded: str, number: int) -> str:
    return f"{_written_in(_HAN, folded)}{number}"


def _long(_start: str, folded: str, number: int) -> str:
    """Return a name of the greatest length, mostly of characters of four bytes."""
    return _han("", folded, number).ljust(_LONGEST, "𠮷")


def _address(start: str, _folded: str, number: int) -> str:
    return f"{start}/%41 ?{number}"


def _emoji(start: str, _folded: str, number: int) -> str:
    return f"{start}🦊{number}"


_KINDS: tuple[Callable[[str, str, int], str], ...] = (_cyrillic, _han, _long, _address, _emoji)


def _written_in(letters: str, text: str) -> str:
    table = {ord(one): other for one, other in zip(_LATIN, letters, strict=True)}
    capitals = {ord(one): other for one, other in zip(_LATIN.upper(), letters.upper(), strict=True)}
    return text.translate(table | capitals)
