"""Labels in the design's styles."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

from messenger.windows.widgets.words import Words


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


def mono(words: str) -> QLabel:
    """Return a label for a code or a fingerprint, which can be selected."""
    found = _label(words, "mono")
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
