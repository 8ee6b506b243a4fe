"""Icons as files: a style sheet takes its pictures from files only."""

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from messenger.windows.look.icons import icon_pixmap

_SIZE = 16


@lru_cache(1)
def _directory() -> Path:
    found = Path(tempfile.mkdtemp(prefix="messenger-"))
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    return found


@lru_cache(64)
def glyph_file(name: str, colour: str) -> str:
    """Return the path of an icon in a colour, as a style sheet wants it."""
    stem = f"{name}-{colour.lstrip('#')}"
    for ratio, suffix in ((1.0, ""), (2.0, "@2x")):
        icon_pixmap(name, colour, _SIZE, ratio).save(str(_directory() / f"{stem}{suffix}.png"))
    return (_directory() / f"{stem}.png").as_posix()
