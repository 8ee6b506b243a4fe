"""Colours for light and dark backgrounds, and which of these the terminal has."""

import os
from typing import NamedTuple

from messenger.ui.name_colours import place_of


class Palette(NamedTuple):
    """Colours that are legible on a background: of names, and of marks beside messages.

    `own` is for the user's name only; `open` is for unencrypted conversations and messages.
    """

    names: tuple[str, ...]
    own: str
    read: str
    failed: str
    link: str
    encrypted: str
    open: str
    unread: str
    found: str
    output: str


DARK = Palette(
    names=(
        "#5fd7d7", "#87d787", "#d787d7", "#d7d75f", "#87afff", "#ff8787", "#d7af87", "#af87ff",
        "#5fd7a7", "#ff87c7",
    ),
    own="#ffffff", read="#5fd7d7", failed="#ff6e6e", link="#87afff", encrypted="#87d787",
    open="#ffb454", unread="#ff8787", found="#4a4320", output="#20262c",
)  # fmt: skip
LIGHT = Palette(
    names=(
        "#006a74", "#2f6f00", "#8a2090", "#6a5200", "#1f4fbf", "#b01030", "#7a4420", "#5a35b5",
        "#00694a", "#a3206f",
    ),
    own="#000000", read="#00707a", failed="#b00020", link="#1f4fbf", encrypted="#2a6a00",
    open="#9a4200", unread="#b00020", found="#fff0a8", output="#e4e8ee",
)  # fmt: skip


def css_variables(theme: str) -> dict[str, str]:
    """Return colours for the style sheets: of lines, and of the input field."""
    if theme == "textual-light":
        return {"line": "#6e6e6e", "composer": "#f4f4f4"}
    return {"line": "#7c7c7c", "composer": "#262b31"}


class NameColours:
    """Colours of the people in a conversation: distinct as long as there are enough."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._places: dict[str, int] = {}

    def of(self, name: str, palette: Palette) -> str:
        """Return the colour of a name; it stays the same until `forget`."""
        if name == self._me:
            return palette.own
        count = len(palette.names)
        if name not in self._places:
            first = place_of(name, count)
            taken = set(self._places.values())
            free = (at for step in range(count) if (at := (first + step) % count) not in taken)
            self._places[name] = next(free, first)
        return palette.names[self._places[name]]

    def forget(self) -> None:
        """Forget all colours: another conversation is open."""
        self._places.clear()


def theme_name(preference: str, *, told_light: bool | None = None) -> str:
    """Return the name of Textual's theme for `auto`, `dark` or `light`.

    `told_light` is the terminal's reply about its background, None if it has not replied.
    """
    if preference == "auto":
        is_light = _background_is_light() if told_light is None else told_light
        preference = "light" if is_light else "dark"
    return f"textual-{preference}"


def palette_of(theme: str) -> Palette:
    """Return the colours for a theme."""
    return LIGHT if theme == "textual-light" else DARK


def colour_of(name: str, palette: Palette) -> str:
    """Return the colour of a name, which depends on the name only."""
    return palette.names[place_of(name, len(palette.names))]


def _background_is_light() -> bool:
    """Read COLORFGBG (`text;background`), which rxvt, Konsole and iTerm2 set."""
    # The last part: some terminals write a third one in the middle.
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return background in ("7", "15")  # white and bright white of the 16 ANSI colours
