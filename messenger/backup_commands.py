"""`messenger backup`: makes, verifies and restores backups, and shows how far each is."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from messenger.language import _, ngettext
from messenger.operating.ending import DONE, write_json
from messenger.output import visible, write_error, write_line
from messenger.terminal_progress import TerminalProgress
from messenger.ui.backup_phases import phase_words

if TYPE_CHECKING:
    from messenger.server.backup.manifest import Manifest
    from messenger.server.backup.orders import RestoreOrder, RestoreOutcome
    from messenger.server.backup.progress import Progress
    from messenger.server.settings.editor import SettingsEditor

_SHOWN = ("messages", "accounts")


def make(options: argparse.Namespace, given: Mapping[str, object]) -> int:
    """Make a backup, and remove older ones if so many are to be kept."""
    from messenger.server.backup.errors import BackupFailed
    from messenger.server.backup.making import make_backup
    from messenger.server.backup.retention import prune
    from messenger.server.backup.source import default_directory, source_of
    from messenger.server.config import read_layers

    layers = read_layers(given)
    settings = layers.settings()
    if options.keep is not None and options.keep < 1:
        raise BackupFailed(_("At least one backup has to stay"), setting="keep")
    source = source_of(settings, layers.path)
    target = options.target or default_directory(settings)
    with _progress() as on_progress:
        made = make_backup(source, target, on_progress)
    if options.keep is not None:
        prune(made.file.parent, options.keep)
    if options.json:
        size = made.file.stat().st_size
        write_json({"file": str(made.file), "size": size, **_facts(made.manifest)})
    else:
        write_line(visible(str(made.file)))
    return DONE


def verify(options: argparse.Namespace, _given: Mapping[str, object]) -> int:
    """Verify a backup; say when it was made, and what is in it."""
    from messenger.server.backup.verifying import verify_backup

    with _progress() as on_progress:
        found = verify_backup(options.file, on_progress)
    if options.json:
        write_json({"file": str(options.file), **_facts(found)})
        return DONE
    write_line(_("The backup is complete and undamaged."))
    write_line(_describe(found))
    return DONE


def restore(options: argparse.Namespace, given: Mapping[str, object]) -> int:
    """Restore a backup; say what is where, and what is to be done."""
    from messenger.server.backup.restoring import restore_backup
    from messenger.server.config import load_settings

    # The directory of data only: what else is set is in the backup's configuration.
    data = load_settings({"data": given["data"]}, _without_config()).data
    with _progress() as on_progress:

        def agrees(database: str) -> bool:
            on_progress.end()
            return options.yes or _agrees(database)

        restored = restore_backup(
            *(options.file, data, options.database or "", on_progress),
            replaces=options.replace,
            agrees=agrees,
        )
    if options.json:
        places = {"data": str(data), "database": restored.database, "moved": restored.moved}
        write_json(places | _facts(restored.manifest) | {"notes": restored.notes})
        return DONE
    write_line(_describe(restored.manifest))
    write_line(visible(_("The database is {database}.", database=restored.database)))
    if restored.moved:
        moved = ", ".join(restored.moved)
        write_line(visible(_("What was there before is in {moved}.", moved=moved)))
    for note in restored.notes:
        write_error(visible(note))
    return DONE


def _agrees(database: str) -> bool:
    """Ask whether a database that the operator has not named is meant; False if nobody says so."""
    from messenger.admin.secrets import confirm
    from messenger.ui.prompts import NoLogin

    question = _(
        "The configuration in the backup names the database {database}. Restore it there?",
        database=database,
    )
    try:
        confirm(question)
    except NoLogin:
        return False
    return True


def restore_for_server(order: "RestoreOrder", editor: "SettingsEditor") -> "RestoreOutcome":
    """Restore a backup as an administrator has ordered; its server must be stopped.

    The caller has the lock of its directory.
    """
    from messenger.server.restoration import restore

    with _progress() as on_progress:
        return restore(order, editor, on_progress)


def _without_config() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "MESSENGER_CONFIG"}


class _Progress(TerminalProgress):
    """The progress of a backup on standard error, if that is a terminal."""

    def __call__(self, progress: "Progress") -> None:
        """Show how far it is."""
        phase = phase_words(progress.phase)
        self.show(phase, progress.done, progress.total, "", is_bytes=progress.unit == "bytes")


@contextmanager
def _progress() -> Iterator[_Progress]:
    line = _Progress(sys.stderr)
    try:
        yield line
    finally:
        line.end()


def _facts(manifest: "Manifest") -> dict[str, object]:
    """Return for programs when a backup was made, by which version, and what is in it."""
    rows = {name: table.rows for name, table in manifest.tables.items()}
    return {
        "made": manifest.made_at,
        "version": manifest.messenger,
        "kind": manifest.kind,
        **{name: rows.get(name, 0) for name in _SHOWN},
    }


def _describe(manifest: "Manifest") -> str:
    tables = manifest.tables
    messages, accounts = (tables[name].rows if name in tables else 0 for name in _SHOWN)
    said = _(
        "Made at {time} by Messenger {version}: {accounts}, {messages}.",
        time=time.strftime("%Y-%m-%d %H:%M", time.localtime(manifest.made_at)),
        version=manifest.messenger,
        accounts=ngettext("{count} account", "{count} accounts", accounts),
        messages=ngettext("{count} message", "{count} messages", messages),
    )
    return visible(said)


COMMANDS: Mapping[str, Callable[[argparse.Namespace, Mapping[str, object]], int]] = {
    "make": make,
    "verify": verify,
    "restore": restore,
}
"""Each runs a command with its arguments and the settings among them; returns the exit code."""
