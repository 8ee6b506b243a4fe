"""Texts of others, such as names, where Qt looks for markup or for letters to underline."""

from html import escape
from typing import Protocol


class _WithTip(Protocol):
    def setToolTip(self, tip: str) -> None: ...


def set_tip(widget: _WithTip, text: str) -> None:
    """Set the tip of a widget, action or icon to a plain text.

    Qt takes a tip for a page with pictures and links if it looks like one.
    """
    if "<" in text:
        text = "<p>" + escape(text).replace("\n", "<br>") + "</p>"
    widget.setToolTip(text)


def with_ampersands(text: str) -> str:
    """Return a text for a button or a menu: in these `&` underlines the letter behind it."""
    return text.replace("&", "&&")
