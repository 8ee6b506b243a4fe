"""Changes values in a TOML file, and keeps its comments, order, format, owner and mode."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from messenger.files import private_directory, replacing
from messenger.language import _
from messenger.server.config import LIMITS_PREFIX, unreadable
from messenger.server.errors import CannotStart
from messenger.system_errors import reason_of

if TYPE_CHECKING:
    import tomlkit

_BOM = b"\xef\xbb\xbf"  # editors on Windows write it; TOML does not allow it


class CannotSave(CannotStart):
    """The file cannot be written now; it is as it was, and the text says what to do."""


def cannot_save(file: Path, error: OSError) -> CannotSave:
    """Return the error for the operator for what the operating system has raised."""
    return CannotSave(
        _(
            "{file} cannot be written ({reason}): check its rights and the disk's space",
            file=file,
            reason=reason_of(error),
        )
    )


class TomlFile:
    """The file as it was read: a later `save` refuses to overwrite another state.

    A missing file reads as an empty one, and `save` creates it (mode 0600).
    """

    def __init__(self, path: Path) -> None:
        """Read the file; raises ConfigError."""
        self.path = path
        self._found = _read(path)

    @property
    def text(self) -> str:
        """What was read; raises ConfigError if it is not UTF-8."""
        try:
            return (self._found or b"").removeprefix(_BOM).decode()
        except UnicodeDecodeError as error:
            raise unreadable(self.path, error) from error

    def edited(self, changes: Mapping[str, Any]) -> str:
        """Return the text with these values; a value of None removes the setting.

        The names of limits begin with `limits.`. Raises ConfigError if the file is not TOML.
        """
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        text = self.text
        try:
            document = tomlkit.parse(text)
            for name, value in changes.items():
                _set(document, name, value)
            made = tomlkit.dumps(document)
        except (TOMLKitError, ValueError, TypeError) as error:
            raise unreadable(self.path, error) from error
        # tomlkit ends its own lines with \n.
        lines = text.count("\n")
        if lines and text.count("\r\n") == lines:
            made = made.replace("\r\n", "\n").replace("\n", "\r\n")
        return made

    def encoded(self, text: str) -> bytes:
        """Return the text as it is saved: with the mark at its beginning, if the file has one."""
        has_mark = self._found is not None and self._found.startswith(_BOM)
        return (_BOM if has_mark else b"") + text.encode()

    def save(self, text: str) -> None:
        """Replace the file; raises CannotSave, also if it has changed since it was read."""
        content = self.encoded(text)
        try:
            private_directory(self.path.parent)
            self._check_unchanged()
            old = self.path.stat() if self._found is not None else None
            # Renaming would replace a file that is marked as read-only.
            if old is not None and not old.st_mode & stat.S_IWUSR:
                said = _("{file} is read-only: allow to write it, or edit another", file=self.path)
                raise CannotSave(said)
            with replacing(self.path) as new:
                new.write(content)
                new.flush()
                _make_alike(new.fileno(), old, self.path.parent)
                # Last, as near to the renaming as possible.
                self._check_unchanged()
        except OSError as error:
            raise cannot_save(self.path, error) from error
        self._found = content

    def _check_unchanged(self) -> None:
        if _read(self.path) != self._found:
            raise CannotSave(_("{file} was changed meanwhile: try again", file=self.path))


def _set(document: "tomlkit.TOMLDocument", name: str, value: Any) -> None:
    import tomlkit

    key = name.removeprefix(LIMITS_PREFIX)
    table: Any = document
    if key != name:
        if value is not None and "limits" not in document:
            document["limits"] = tomlkit.table()
        table = document.get("limits", {})
    if value is not None:
        table[key] = str(value) if isinstance(value, Path) else value
    elif key in table:
        table.remove(key)


def _make_alike(number: int, old: os.stat_result | None, directory: Path) -> None:
    """Give the new file the owner and the mode of the old one.

    The administrator of the machine may run this, and the server another user.
    """
    if not hasattr(os, "fchown"):  # Windows
        return
    owner = old or directory.stat()
    now = os.fstat(number)
    if (owner.st_uid, owner.st_gid) != (now.st_uid, now.st_gid) and (old or os.geteuid() == 0):
        os.fchown(number, owner.st_uid, owner.st_gid)
    if old is not None:
        os.fchmod(number, stat.S_IMODE(old.st_mode))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable(path, error) from error
