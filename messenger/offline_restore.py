"""Restores one of a server's backups on its machine, while no server runs."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from messenger.jim.errors import NotFound

OnStep = Callable[[str, int, int, bool], object]
"""Gets a phase by its name, how much of it is done, of how much, and whether that is bytes."""


def restore_offline(given: Mapping[str, object], name: str, on_step: OnStep) -> tuple[str, str]:
    """Restore the backup of this name in the server's list; `given` are the server's arguments.

    Returns where the data before is, and why it is in use again if the backup could not be
    restored. Raises NotFound if there is no such backup, and CannotStart if the directory cannot be
    used.
    """
    # Only here: a server's libraries take a third of a second to load.
    from messenger.server.actors import LOCAL, OPERATOR
    from messenger.server.backup.orders import RestoreOrder
    from messenger.server.backup.progress import Progress
    from messenger.server.backup.retention import backups_in
    from messenger.server.backup.source import default_directory
    from messenger.server.prepared_directory import prepare_directory
    from messenger.server.restoration import restore
    from messenger.server.settings.editor import SettingsEditor
    from messenger.server.used_directory import check_directory

    def show(progress: Progress) -> None:
        on_step(progress.phase, progress.done, progress.total, progress.unit == "bytes")

    editor = SettingsEditor(given)
    settings = editor.layers().settings()
    check_directory(settings)
    with ExitStack() as opened:
        prepare_directory(settings, opened)
        known = {one.file.name: one.file for one in backups_in(default_directory(settings))}
        if name not in known:
            raise NotFound("There is no backup {name}", name=name)
        found = restore(RestoreOrder(known[name], settings.data, OPERATOR, LOCAL), editor, show)
    return found.moved, found.failure
