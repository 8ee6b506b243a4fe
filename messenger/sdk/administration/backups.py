"""Backups: make, list, verify, cancel, restore."""

import time
from collections.abc import Iterator

from messenger.jim.admin.backups import Backups, ListBackups, MakeBackup
from messenger.jim.admin.restart import Restarting, RestoreBackup
from messenger.sdk.administration.verbs import AdministrationVerbs

_PAUSE = 0.2  # seconds between two looks: nobody sees more, and the server has other things to do


class BackupVerbs(AdministrationVerbs):
    """Verbs for backups; of what begins one, look by `backups` how far it is."""

    def backups(self) -> Backups:
        """Return the backups, the newest first, and what is done now."""
        return self.ask(ListBackups())

    def begin_backup(self) -> Backups:
        """Begin a backup; raises Conflict while another is made or verified."""
        return self.ask(MakeBackup())

    def begin_verification(self, backup: str) -> Backups:
        """Begin to verify a backup by its name; raises NotFound, and Conflict as above."""
        return self.ask(ListBackups(verify=backup))

    def cancel_backup(self) -> Backups:
        """End the backup or the verification that is under way; nothing of it stays."""
        return self.ask(ListBackups(cancel=True))

    def restore_backup(self, backup: str) -> Restarting:
        """Have the server end, replace its data by those of a backup, and start anew.

        Look by `backups` what has come of it, once the server lets in another connection. Raises
        NotFound, and Conflict as `restart` does.
        """
        return self.ask(RestoreBackup(backup=backup))

    def follow_backup(self, found: Backups) -> Iterator[Backups]:
        """Yield how far the work is that was begun, and at last what has come of it."""
        number = found.number
        yield found
        while found.work and found.number == number:
            time.sleep(_PAUSE)
            found = self.backups()
            yield found
