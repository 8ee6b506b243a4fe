"""Icons as files: a style sheet takes its pictures from files only."""

from functools import lru_cache

from messenger.windows.look.files import look_directory
from messenger.windows.look.icons import icon_pixmap

_SIZE = 16


@lru_cache(64)
def glyph_file(name: str, colour: str) -> str:
    """Return the path of an icon in a colour, as a style sheet wants it."""
    stem = f"{name}-{colour.lstrip('#')}"
    for ratio, suffix in ((1.0, ""), (2.0, "@2x")):
        icon_pixmap(name, colour, _SIZE, ratio).save(str(look_directory() / f"{stem}{suffix}.png"))
    return (look_directory() / f"{stem}.png").as_posix()
