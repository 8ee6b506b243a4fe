"""Questions for files, with names that any file system takes."""

from pathlib import Path

from PyQt6.QtCore import QStandardPaths
from PyQt6.QtWidgets import QFileDialog, QWidget

from messenger.language import _

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
    """Return a name without what some file system refuses: separators, wildcards, a leading dot."""
    allowed = "".join(one if one.isalnum() or one in " -_.#@" else "_" for one in name)
    return allowed.strip(" .") or "_"
