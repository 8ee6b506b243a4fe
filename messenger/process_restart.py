"""Starts a server anew in its process, by the command line by which the process was started."""

import logging
import os
import sys
from typing import NoReturn

from messenger.language import _
from messenger.server.errors import CannotStart
from messenger.server.handover import Handover


def can_restart() -> bool:
    """Tell whether the process was started for the command that it runs, and can start it again.

    On Windows a process cannot become another program: whoever started it would see it end.
    """
    # Those after the command's name, which `server.py` adds.
    given = sys.argv[2:]
    is_own = sys.orig_argv[len(sys.orig_argv) - len(given) :] == given
    return is_own and os.name != "nt" and os.access(sys.executable or "", os.X_OK)


def restart(handover: Handover) -> NoReturn:
    """Become the same program once more; raises CannotStart if the system refuses it.

    Everything must be closed: nothing is run at the exit of this program.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # Python's own path: a name such as `python` would be looked for again, perhaps elsewhere.
    words = [sys.executable, *sys.orig_argv[1:]]
    try:
        os.execve(sys.executable, words, os.environ | handover.environment())  # noqa: S606  our own program
    except OSError as error:
        said = _("The server cannot be started anew ({reason}): start it", reason=error.strerror)
        raise CannotStart(said) from error
