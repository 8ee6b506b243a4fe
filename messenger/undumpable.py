"""Keeps other programs of the same user from reading this process's memory, which holds keys."""

import contextlib
import ctypes
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def forbid_dumps() -> None:
    """Forbid this user's debuggers to attach, and core dumps (Linux, prctl(2)).

    Child programs are not affected (execve(2) resets it). On other systems, or if the call fails,
    nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
