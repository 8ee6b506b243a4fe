"""Starts a server anew in its process, by the command line by which the process was started."""

import logging
import os
import signal
import sys

from messenger.language import _
from messenger.server.errors import CannotStart
from messenger.server.handover import Following
from messenger.server.settings.editor import SettingsEditor
from messenger.system_errors import reason_of


def can_restart() -> bool:
    """Tell whether the process was started for the command that it runs, and can start it again.

    On Windows a process cannot become another program: whoever started it would see it end.
    """
    # Those after the command's name, which `server.py` adds.
    given = sys.argv[2:]
    is_own = sys.orig_argv[len(sys.orig_argv) - len(given) :] == given
    return is_own and os.name != "nt" and os.access(sys.executable or "", os.X_OK)


def restart(following: Following, editor: SettingsEditor) -> None:
    """Become the same program once more, after the backup is restored that was ordered, if any.

    Everything must be closed: nothing is run at the exit of this program. It returns if a signal
    has ended the server meanwhile, and raises CannotStart if the system refuses it.
    """
    handover, ending = following.handover, following.ending
    if ending.order is not None:
        from messenger.backup_commands import restore_for_server

        # From now on they undo what has been done so far.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        if ending.is_restart:
            handover.restored = restore_for_server(ending.order, editor)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    following.signals.forget()
    # What Python only notes is forgotten with this program.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if not ending.is_restart:
        return
    # Python's own path: a name such as `python` would be looked for again, perhaps elsewhere.
    words = [sys.executable, *sys.orig_argv[1:]]
    try:
        os.execve(sys.executable, words, os.environ | handover.environment())  # noqa: S606  our own program
    except OSError as error:
        said = _("The server cannot be started anew ({reason}): start it", reason=reason_of(error))
        raise CannotStart(said) from error
