"""Settings and the certificate: show, check, change, renew."""

from collections.abc import Mapping

from messenger.jim.admin.settings import (
    Certificate,
    ChangedSettings,
    ChangeSettings,
    CheckDatabase,
    CheckFinding,
    ReadCertificate,
    ReadSettings,
    RenewCertificate,
    ServerSettings,
    SettingValue,
)
from messenger.sdk.administration.verbs import AdministrationVerbs


class SettingVerbs(AdministrationVerbs):
    """Verbs for the settings of the server."""

    def settings(self) -> ServerSettings:
        """Return all settings, in the order in which they are shown."""
        return self.ask(ReadSettings())

    def change_settings(self, changes: Mapping[str, SettingValue]) -> ChangedSettings:
        """Save new values, all or none; None removes a setting, so that its default counts.

        Raises BadRequest for what a start would refuse, Forbidden for what only the operator on the
        server's machine may change, and Conflict if the file cannot be written.
        """
        return self.ask(ChangeSettings(changes=dict(changes)))

    def check_settings(self) -> list[CheckFinding]:
        """Check what a start with the settings would check, and their database."""
        return self.ask(CheckDatabase()).findings

    def check_database(self, url: str) -> list[CheckFinding]:
        """Check whether a server could run on the database at this URL; it takes some seconds.

        `***` stands for the password that the server knows. Raises Forbidden for a file, unless the
        operator asks.
        """
        return self.ask(CheckDatabase(database=url)).findings

    def certificate(self) -> Certificate:
        """Return what the server's certificate says; raises NotFound if there is none yet."""
        return self.ask(ReadCertificate())

    def renew_certificate(self) -> Certificate:
        """Replace the server's own certificate by one for ten years; its key stays."""
        return self.ask(RenewCertificate())
