"""The verbs for backups, as the command line has them."""

import argparse
import sys

from messenger.admin.output import Shown, moment, plain, table
from messenger.language import _
from messenger.output import visible
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import Backups
from messenger.terminal_progress import TerminalProgress
from messenger.ui.backup_phases import phase_words
from messenger.ui.quantities import size


def make_backup(server: Administration, options: argparse.Namespace) -> Shown:
    """Make a backup, and say which file it is."""
    before = {one.backup for one in server.backups().backups}
    found = _wait(server, server.begin_backup(), options)
    if found.failure:
        return Shown([visible(found.failure)], plain(found), 2)
    made = [one.backup for one in found.backups if one.backup not in before]
    lines = [visible(f"{found.directory}/{name}") for name in made]
    return Shown(lines, plain(found))


def list_backups(server: Administration, options: argparse.Namespace) -> Shown:
    """Show the backups, the newest first."""
    found = server.backups()
    titles = (_("Backup"), _("Made"), _("Size"), _("Verified"), _("Problem"))
    rows = [
        (one.backup, moment(one.made), size(one.size), moment(one.verified), one.problem)
        for one in found.backups
    ]
    schedule = (
        _("A backup is made every {hours} h; {keep} stay.", hours=found.every, keep=found.keep)
        if found.every
        else _("The server makes no backups by itself: set backup_every.")
    )
    where = _("They are in {directory}.", directory=found.directory)
    return Shown([*table(titles, rows), "", visible(where), schedule], plain(found))


def verify_backup(server: Administration, options: argparse.Namespace) -> Shown:
    """Verify a backup, the newest one if none is named; exit code 2 if it is not good."""
    name = options.backup
    if not name:
        known = server.backups().backups
        if not known:
            raise ValueError(_("There is no backup yet"))
        name = known[0].backup
    found = _wait(server, server.begin_verification(name), options)
    if found.failure:
        return Shown([visible(found.failure)], plain(found), 2)
    said = _("All of {name} is there, and as it was when it was made.", name=name)
    return Shown([visible(said)], plain(found))


def _wait(server: Administration, begun: Backups, options: argparse.Namespace) -> Backups:
    """Show the progress until the work is done; Ctrl+C cancels it."""
    line = TerminalProgress(None if options.json else sys.stderr)
    found = begun
    try:
        for found in server.follow_backup(begun):
            if found.work and found.total:
                phase = phase_words(found.phase)
                line.show(phase, found.done, found.total, "")
    except KeyboardInterrupt:
        server.cancel_backup()
        raise
    finally:
        line.end()
    return found
