"""`messenger backup`: makes, verifies and restores backups, and shows how far each is."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from messenger.language import N_, _, ngettext
from messenger.output import visible, write_error, write_line
from messenger.terminal_progress import TerminalProgress

if TYPE_CHECKING:
    from messenger.server.backup.manifest import Manifest
    from messenger.server.backup.progress import OnProgress, Phase, Progress

_PHASES: "Mapping[Phase, str]" = {
    "copying": N_("Copying"),
    "checking": N_("Checking"),
    "packing": N_("Packing"),
    "unpacking": N_("Unpacking"),
    "writing": N_("Writing"),
    "comparing": N_("Comparing"),
}


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
    write_line(visible(str(made.file)))
    if options.keep is not None:
        prune(made.file.parent, options.keep)
    return 0


def verify(options: argparse.Namespace, _given: Mapping[str, object]) -> int:
    """Verify a backup; say when it was made, and what is in it."""
    from messenger.server.backup.verifying import verify_backup

    with _progress() as on_progress:
        found = verify_backup(options.file, on_progress)
    write_line(_("The backup is complete and undamaged."))
    write_line(_describe(found))
    return 0


def restore(options: argparse.Namespace, given: Mapping[str, object]) -> int:
    """Restore a backup; say what is where, and what is to be done."""
    from messenger.server.backup.restoring import restore_backup
    from messenger.server.config import load_settings

    # The directory of data only: what else is set is in the backup's configuration.
    data = load_settings({"data": given["data"]}, _without_config()).data
    with _progress() as on_progress:
        restored = restore_backup(
            options.file, data, options.database or "", on_progress, replaces=options.replace
        )
    write_line(_describe(restored.manifest))
    write_line(visible(_("The database is {database}.", database=restored.database)))
    if restored.moved:
        write_line(visible(_("What was there before is in {moved}.", moved=restored.moved)))
    for note in restored.notes:
        write_error(visible(note))
    return 0


def _without_config() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "MESSENGER_CONFIG"}


@contextmanager
def _progress() -> "Iterator[OnProgress]":
    line = TerminalProgress(sys.stderr)

    def show(progress: "Progress") -> None:
        phase = _(_PHASES[progress.phase])
        line.show(phase, progress.done, progress.total, "", is_bytes=progress.unit == "bytes")

    try:
        yield show
    finally:
        line.end()


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
