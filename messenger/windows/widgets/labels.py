"""Labels in the design's styles."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QLabel

from messenger.windows.widgets.words import Words

_BELOW = 4
"""Pixels below a code: half of them, as it stands in the middle."""


def heading(text: str) -> QLabel:
    """Return the heading of a page."""
    return _label(text, "heading")


def title(text: str) -> QLabel:
    """Return the title of a part of a page."""
    return _label(text, "title")


def section(text: str) -> QLabel:
    """Return the small heading above a group of rows."""
    return _label(text, "section")


def text(words: str, *, soft: bool = False, small: bool = False, wrap: bool = True) -> QLabel:
    """Return a label of running text; `small` text is soft, too."""
    return _label(words, "small" if small else "soft" if soft else "text", wrap=wrap)


class _Code(Words):
    """A code: an underscore on its last line, which Qt cuts off, is a letter of it."""

    def heightForWidth(self, width: int) -> int:
        """Return the height with room below the last line."""
        return super().heightForWidth(width) + _BELOW

    def sizeHint(self) -> QSize:
        """Return the size with room below the last line."""
        return super().sizeHint() + QSize(0, _BELOW)


def mono(words: str) -> QLabel:
    """Return a label for a code or a fingerprint, which can be selected."""
    found = _Code(words)
    found.setObjectName("mono")
    found.setWordWrap(True)
    found.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return found


def _label(words: str, name: str, *, wrap: bool = True) -> QLabel:
    found = Words(words)
    found.setObjectName(name)
    found.setWordWrap(wrap)
    return found
