"""A profile's directory and its file, which has the account and the server."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec

from messenger.files import private_directory, write_private
from messenger.sdk.file_errors import FileUnwritable, ProfileUnreadable
from messenger.sdk.record import Record
from messenger.system_errors import reason_of

_KEPT = ("locked_by", "salt", "spare", "relocking", "preferences")
"""The fields that belong to this computer, not to the account."""


class ProfileFile:
    """A profile's file. `name` is the profile's name for its user.

    `record` is None until the profile is set up.
    """

    def __init__(self, directory: Path, name: str = "") -> None:
        self.directory = directory
        self._file = directory / "profile.json"
        self.record = self._load()
        self._has_moved = False
        self.name = name or (self.record.name if self.record else "") or unquote(directory.name)

    def set_up(self, address: str, port: int, account: str) -> Record:
        """Make it the profile of this account; raises StoreUnusable.

        Existing databases keep their key.
        """
        # Without these the databases that exist could not be decrypted any more.
        kept = {name: getattr(self.record, name) for name in _KEPT} if self.record else {}
        self.record = Record(
            name=self.name, address=address, port=port, account=account, confirmed=False, **kept
        )
        self.save()
        return self.record

    def move(self, address: str, port: int) -> None:
        """Look for the server at another address; it is saved when a login there is accepted."""
        assert self.record is not None
        self.record.address, self.record.port = address, port
        self._has_moved = True

    def confirm(self, *, registered: bool) -> None:
        """Note that the server has accepted the login; raises StoreUnusable."""
        record = self.record
        is_known = record is not None and record.confirmed and record.registered >= registered
        if record is not None and (self._has_moved or not is_known):
            self._has_moved = False
            record.confirmed = True
            record.registered = record.registered or registered
            self.save()

    def save(self) -> None:
        """Write the profile's file; raises StoreUnusable."""
        with self._writing(self._file):
            private_directory(self.directory)
            content = msgspec.json.format(msgspec.json.encode(self.record))
            write_private(self._file, content + b"\n")

    def _load(self) -> Record | None:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Record)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ProfileUnreadable(self._file, _reason(error)) from error

    @contextlib.contextmanager
    def _writing(self, file: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileUnwritable(file, reason_of(error)) from error


def _reason(error: Exception) -> str:
    """Return what is wrong with a file, without msgspec's notation for the field."""
    if isinstance(error, OSError):
        return reason_of(error)
    fault, _at, field = str(error).partition(" - at `$.")
    return f"{field.rstrip('`')}: {fault}" if field else fault
