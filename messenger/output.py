"""Output for people, which no closed stream and no encoding makes fail."""

import os
import stat
import sys
import unicodedata
from contextlib import suppress
from typing import TextIO
from weakref import WeakSet

_CONTROL_PICTURES = 0x2400  # U+2400 is the symbol for U+0000, and so on
# Categories that can reorder, hide or break text: control, format, surrogate, private use, and
# separators of lines and paragraphs.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# They join the parts of many emoji and characters of Persian and Indic scripts, and are harmless.
_JOINERS = {"\u200c", "\u200d"}

_abandoned: WeakSet[TextIO] = WeakSet()


def write_line(
    text: str, stream: TextIO | None = None, *, as_is: bool = False, end: str = "\n"
) -> bool:
    r"""Write and flush a line, to standard output by default; never raise.

    Return False if nobody can read the stream any more: it is closed, or its disk is full.
    Control characters other than line feeds are made visible, unless the line is for programs
    (`as_is`); characters that the stream's encoding lacks are written as `\uXXXX`. What comes next
    begins a new line unless `end` is another text.
    """
    stream = sys.stdout if stream is None else stream
    # `sys.stdout` is None if its descriptor was closed before the start.
    if stream is None or stream in _abandoned:
        return False
    shown = text if as_is else "\n".join(map(visible, text.split("\n")))
    try:
        stream.write(_showable(shown + end, stream))
        stream.flush()
    except BlockingIOError:  # it stays in the buffer and is written with the next line
        return True
    except (OSError, ValueError):
        _abandon(stream)
        return False
    return True


def write_error(text: str) -> bool:
    """Write a line on standard error, in the same way."""
    return sys.stderr is not None and write_line(text, sys.stderr)


def fill_closed_streams() -> None:
    """Open the null device in the place of standard streams that are closed.

    Files that are opened would get their numbers: programs that this one starts, and what it
    becomes by a restart, would read and write them as standard streams.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The system takes the lowest number that is free.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def is_pipe(stream: TextIO | None) -> bool:
    """Tell whether a program reads the stream: it may end before, which is no error."""
    try:
        mode = os.fstat(stream.fileno()).st_mode if stream is not None else 0
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def can_show(text: str, stream: TextIO) -> bool:
    """Tell whether the stream's encoding has these characters."""
    return _showable(text, stream) == text


def visible(text: str, *, lines: bool = False) -> str:
    """Return the text with control characters shown, so that no terminal obeys them.

    With `lines` a line feed begins an indented line, so that nobody can fake another's message.
    """
    if text.isprintable():
        return text
    if lines:
        return "\n    ".join(visible(line) for line in text.split("\n"))
    return "".join(map(_visible_character, text))


def encodable(text: str, encoding: str = "utf-8") -> str:
    """Return a text with escapes for what an encoding lacks.

    UTF-8, and JSON with it, has no lone surrogates: they stand for what is not UTF-8 in the names
    of files (PEP 383).
    """
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(character) in _INVISIBLE and character not in _JOINERS:
        return f"\\u{code:04x}"
    return character


def _showable(text: str, stream: TextIO) -> str:
    return encodable(text, getattr(stream, "encoding", None) or "utf-8")


def _abandon(stream: TextIO) -> None:
    """Redirect the stream to nowhere, so that flushing its buffer at exit does not fail again."""
    _abandoned.add(stream)
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
