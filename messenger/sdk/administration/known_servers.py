"""The keys of the servers that are administered from this computer: a small file for each."""

from pathlib import Path

import msgspec

from messenger.files import private_directory, write_private
from messenger.sdk.directories import find_directory
from messenger.sdk.file_errors import FileUnwritable
from messenger.system_errors import reason_of

_FILE = "server.json"
_decode = msgspec.json.Decoder(dict[str, str]).decode


class KnownServer:
    """What is known of a server; the first key seen is stored, and must be the same later."""

    def __init__(self, directory: Path, address: str, port: int) -> None:
        self._file = find_directory(directory, f"{address}_{port}") / _FILE

    def get(self, name: str) -> str | None:
        """Return the value of that name, if there is one; a damaged file has none."""
        try:
            return _decode(self._file.read_bytes()).get(name)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def put(self, name: str, value: str | None) -> None:
        """Store a value, or delete it (None); raises FileUnwritable."""
        try:
            known = _decode(self._file.read_bytes())
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            known = {}
        known.pop(name, None)
        if value is not None:
            known[name] = value
        try:
            private_directory(self._file.parent)
            write_private(self._file, msgspec.json.encode(known))
        except OSError as error:
            raise FileUnwritable(self._file, reason_of(error)) from error
