"""Keeps other programs of the same user from reading this one's memory: it holds keys."""

import contextlib
import ctypes
import sys

_PR_SET_DUMPABLE = 4


def forbid_dumps() -> None:
    """Let no debugger of this user attach, and write no core file (Linux, prctl(2)).

    Programs that this one starts are as others. Elsewhere, and where it cannot be, nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
