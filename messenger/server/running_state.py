"""What a running server writes about itself into its directory, for commands on its machine."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from messenger.files import write_private
from messenger.server.store.directory_lock import is_locked

_FILE = "running.json"


class RunningState(msgspec.Struct, kw_only=True, frozen=True):
    """A server that runs: times are unix times, `port` is the real one, `config` its file.

    `values` are its settings by name, passwords as `***`. If it `can_reload`, SIGHUP makes it read
    the file again, which `reloads` counts; `problem` says what it has refused then.
    """

    pid: int
    version: str
    address: str
    port: int
    config: str
    started_at: float
    can_reload: bool
    values: dict[str, Any]
    reloads: int = 0
    problem: str = ""


def write_state(data: Path, state: RunningState) -> None:
    """Write the state of the server that has locked the directory; raises OSError."""
    write_private(data / _FILE, msgspec.json.encode(state))


def remove_state(data: Path) -> None:
    """Remove what a server has written, perhaps an earlier one that was killed."""
    with suppress(OSError):
        (data / _FILE).unlink(missing_ok=True)


def find_state(data: Path) -> RunningState | None:
    """Return the state of the server that runs in the directory.

    It is None without one, or if that has not finished its start. Raises OSError.
    """
    # First the file: it is older than the answer whether the server runs.
    try:
        found = msgspec.json.decode((data / _FILE).read_bytes(), type=RunningState)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    return found if _is_alive(found.pid) and is_locked(data) else None


def ask_to_reload(data: Path, state: RunningState, seconds: float = 10) -> RunningState | None:
    """Have the server read its settings again; return its state then, None if it does not answer.

    Raises OSError if its process belongs to somebody else.
    """
    import signal

    assert state.can_reload  # otherwise SIGHUP ends it
    os.kill(state.pid, signal.SIGHUP)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = find_state(data)
        if found is None or found.pid != state.pid:
            return None
        if found.reloads > state.reloads:
            return found
        time.sleep(0.02)
    return None


def _is_alive(pid: int) -> bool:
    """Tell whether a process exists: a killed server has left its state."""
    if os.name == "nt":  # where signal 0 ends it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
