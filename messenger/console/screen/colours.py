"""Colours on a light and on a dark background, and where the terminal tells which it has."""

import os
import zlib
from typing import NamedTuple


class Palette(NamedTuple):
    """Colours that can be read on a background: of names, and of what became of a message."""

    names: tuple[str, ...]
    read: str
    failed: str
    link: str


DARK = Palette(
    ("#5fd7d7", "#87d787", "#d787d7", "#d7d75f", "#87afff", "#ffaf87", "#afd7ff", "#ff87af"),
    "#5fd7d7", "#ff6e6e", "#87afff",
)  # fmt: skip
LIGHT = Palette(
    ("#00707a", "#2f7a00", "#8a2090", "#7a5f00", "#1f4fbf", "#a04000", "#00608f", "#a8204f"),
    "#00707a", "#b00020", "#1f4fbf",
)  # fmt: skip


def theme_name(preference: str) -> str:
    """Return the name of Textual's theme for `auto`, `dark` or `light`."""
    if preference == "auto":
        preference = "light" if _background_is_light() else "dark"
    return f"textual-{preference}"


def palette_of(theme: str) -> Palette:
    """Return the colours for a theme."""
    return LIGHT if theme == "textual-light" else DARK


def colour_of(name: str, palette: Palette) -> str:
    """Return the colour of a name, always the same one."""
    return palette.names[zlib.crc32(name.encode()) % len(palette.names)]


def _background_is_light() -> bool:
    """Look at what some terminals (rxvt, Konsole, iTerm2) say in COLORFGBG: `text;background`."""
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return background in ("7", "15")
