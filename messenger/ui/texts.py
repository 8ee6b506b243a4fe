"""Texts that the user has pasted or typed, as messages: plain, without control characters."""

import unicodedata

_LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n"}
_KEPT = "\n\t"


def cleaned(text: str) -> str:
    """Return a text with line feeds only, and without NUL and other control characters.

    Half of a surrogate pair, which no message can have, becomes U+FFFD.
    """
    for end, line_feed in _LINE_ENDS.items():
        text = text.replace(end, line_feed)
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_cleaned_character, text))


def _cleaned_character(character: str) -> str:
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return "" if category == "Cc" else character


def is_command(text: str) -> bool:
    """Tell whether a text is a command; `//` begins a text that starts with a slash."""
    return text.startswith("/") and not text.startswith("//")


def message_of(text: str) -> str:
    """Return the message in a text that is no command."""
    return text[1:] if text.startswith("//") else text
