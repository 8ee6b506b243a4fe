"""Tells a directory in which a server has run from any other."""

from messenger.language import _
from messenger.server.backup.replacement import NOTE
from messenger.server.config import Settings
from messenger.server.errors import CannotStart
from messenger.server.store.location import DATABASE_FILE

_LEFT_BY_A_SERVER = (DATABASE_FILE, "key.pem", "log", NOTE)


def check_directory(settings: Settings) -> None:
    """Raise CannotStart unless a server has run with these settings' directory."""
    if not settings.data.is_dir():
        said = _("There is no directory {data}: specify the server's", data=settings.data)
        raise CannotStart(said, setting="data")
    if not any((settings.data / name).exists() for name in _LEFT_BY_A_SERVER):
        raise CannotStart(
            _(
                "No server has run in {data} yet: start one first, or specify the server's "
                "directory",
                data=settings.data,
            ),
            setting="data",
        )
