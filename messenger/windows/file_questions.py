"""Questions for files, with names that any file system takes."""

import re
from pathlib import Path

from PyQt6.QtCore import QStandardPaths
from PyQt6.QtWidgets import QFileDialog, QWidget

from messenger.language import _

_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])(\..*)?", re.IGNORECASE)
"""Windows' devices, whatever follows the first dot."""
_MOST_BYTES = 200
"""File systems limit a name to 255, and a file that is being written gets a longer one."""
_LONGEST_END = 10
_PICTURES = "*.png *.jpg *.jpeg *.gif *.bmp *.webp *.svg"


def file_to_save(parent: QWidget, title: str, name: str) -> Path | None:
    """Return the file to write, None if the user has changed his mind.

    The dialog asks before a file is replaced.
    """
    suggested = documents() / file_name(name)
    found, _kind = QFileDialog.getSaveFileName(parent, title, str(suggested))
    return Path(found) if found else None


def file_to_open(parent: QWidget, title: str, kinds: str = "") -> Path | None:
    """Return the file to read, None if the user has changed his mind."""
    found, _kind = QFileDialog.getOpenFileName(parent, title, str(documents()), kinds)
    return Path(found) if found else None


def picture_to_open(parent: QWidget, title: str) -> Path | None:
    """Return the picture to read, None if the user has changed his mind."""
    return file_to_open(parent, title, f"{_('Pictures')} ({_PICTURES})")


def documents() -> Path:
    """Return the user's directory for documents, or else the home directory."""
    places = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.DocumentsLocation)
    found = Path(places[0]) if places else Path.home()
    return found if found.is_dir() else Path.home()


def file_name(name: str) -> str:
    """Return a name without what some file system refuses, with the end that it has.

    That is: separators, wildcards, a leading dot, names of Windows' devices, too many bytes.
    """
    allowed = "".join(one if one.isalnum() or one in " -_.#@" else "_" for one in name)
    stem, dot, end = allowed.strip(" .").rpartition(".")
    if not stem or len(end) > _LONGEST_END:
        stem, dot, end = allowed.strip(" ."), "", ""
    short = stem.encode("utf-8")[:_MOST_BYTES].decode("utf-8", "ignore").rstrip(" .")
    return f"{'_' if not short or _RESERVED.fullmatch(short) else ''}{short}{dot}{end}"
