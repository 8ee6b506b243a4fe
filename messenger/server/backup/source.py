"""What is backed up of a server: its database, its key and certificate, its configuration."""

from pathlib import Path

import msgspec
from sqlalchemy import URL

from messenger.server.backup import manifest
from messenger.server.config import Settings
from messenger.server.store.location import file_url


class Source(msgspec.Struct, frozen=True):
    """What is backed up: a database by its URL, or a file; the key, and the configuration.

    Files that do not exist are left out.
    """

    database: str
    data: Path
    key: Path
    certificate: Path
    configuration: Path

    @property
    def url(self) -> str | URL:
        """The database's URL: without one it is the file in the directory of data."""
        return self.database or file_url(self.data / manifest.DATABASE)


def source_of(settings: Settings, configuration: Path) -> Source:
    """Return what to back up of a server with these settings, from this configuration file."""
    return Source(
        settings.database,
        settings.data.absolute(),
        (settings.private_key or settings.data / manifest.KEY).absolute(),
        (settings.certificate or settings.data / manifest.CERTIFICATE).absolute(),
        configuration.absolute(),
    )


def default_directory(settings: Settings) -> Path:
    """Return the directory of backups if nothing else was said."""
    return (settings.backup_directory or settings.data / "backups").absolute()
