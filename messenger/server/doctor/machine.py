"""Checks the machine: clock, disk, rights of the files, open files, and the log."""

import ctypes
import os
import stat
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from messenger.language import N_, _
from messenger.server.config import Settings
from messenger.server.doctor.checks import Found, megabytes, milliseconds
from messenger.server.errors import CannotStart
from messenger.server.settings import certificate
from messenger.system_errors import reason_of

_MINUTE = 60.0  # seconds: certificates, tokens and people can bear that difference
_DAY = 24 * 60 * 60  # how much earlier the server's own certificate begins to be valid
_UNSYNCHRONIZED = 0x40  # STA_UNSYNC in the status of adjtimex(2)
_STATUS_AT = 40  # its place in `struct timex` where a long has 8 bytes

_FREE_SPACE = N_("Free some space: without it no message can be stored")
_LEAST_FREE = 200_000_000  # bytes: the database and its copy before a migration grow at once
_LITTLE_FREE = 2_000_000_000  # bytes: a busy server has days until it is full
_FEW_FILES = 1_000  # inodes: SQLite and the log need some more at once
_SLOW_SYNC = 0.1  # seconds: each message waits for it
_SYNCS = 5  # of which the median counts: one may be slow by chance

_MOST = 0.9  # of what is allowed: nearly all
_RESERVE = 64  # files that the server opens besides connections (`engines`)
_PRIVATE = 0o077  # what others may do
_SECRET = ("key*.pem", "messenger.toml", "messenger.db*", "running.json", "log", "log/*")


def check_clock(settings: Settings, clock: Callable[[], float]) -> Found:
    """Check the clock against what was written earlier, the file system, and its source."""
    now = clock()
    if (latest := _latest(settings)) and latest - now > _MINUTE:
        said = _("The clock is slow by {minutes} min", minutes=round((latest - now) / 60))
        text = _("{said}: files of the server are newer than now", said=said)
        return Found("failed", text, _("Set the clock, and let it be synchronized (NTP)"))
    apart = _file_system_time(settings.data) - clock()
    if abs(apart) > _MINUTE:
        said = _(
            "The clocks of the disk and of this machine differ by {minutes} min",
            minutes=round(abs(apart) / 60),
        )
        return Found("warning", said, _("Synchronize both clocks (NTP)"))
    synchronized = _is_synchronized()
    if synchronized is None:
        text = _("The clock seems right; the system does not say whether it is synchronized")
        return Found("ok", text)
    if not synchronized:
        said = _("The clock seems right, but is not synchronized")
        return Found("warning", said, _("Let the system synchronize it: timedatectl set-ntp true"))
    return Found("ok", _("The clock seems right"))


def check_disk(directory: Path) -> Found:
    """Check space, and how long it takes until something is on the disk."""
    if not directory.is_dir():
        return Found("ok", _("There is no directory {data} yet", data=directory))
    try:
        seconds = _time_syncs(directory)
    except OSError as error:
        reason = reason_of(error)
        said = _("Nothing can be written to {data}: {reason}", data=directory, reason=reason)
        return Found("failed", said, _(_FREE_SPACE))
    if not hasattr(os, "statvfs"):  # Windows
        return Found("ok", _("A write takes {time} ms", time=milliseconds(seconds)))
    return _space(os.statvfs(directory), seconds)


def _space(disk: "os.statvfs_result", seconds: float) -> Found:
    free = disk.f_bavail * disk.f_frsize
    said = _(
        "{free} MB are free; a write takes {time} ms",
        free=megabytes(free),
        time=milliseconds(seconds),
    )
    if free < _LITTLE_FREE:
        return Found("failed" if free < _LEAST_FREE else "warning", said, _(_FREE_SPACE))
    # File systems without inodes have none free.
    if disk.f_files and disk.f_favail < _FEW_FILES:
        few = _("Only so many files fit on the disk: {count}", count=disk.f_favail)
        return Found("warning", few, _(_FREE_SPACE))
    if seconds > _SLOW_SYNC:
        return Found("warning", said, _("The disk is slow: each message waits for a write"))
    return Found("ok", said)


def check_rights(data: Path) -> Found:
    """Check that nobody but the server's user can read its files, and that it owns them."""
    if not data.is_dir():
        return Found("ok", _("There is no directory {data} yet", data=data))
    owner = data.stat()
    if owner.st_mode & 0o022:
        said = _("Others may write to {data}", data=data)
        return Found("failed", said, _("Allow it to its owner only: mode 0700"))
    files = [file for pattern in _SECRET for file in sorted(data.glob(pattern))]
    for file, found in _stats(files):
        if not stat.S_ISDIR(found.st_mode) and found.st_mode & _PRIVATE and owner.st_mode & 0o005:
            said = _("Others may read {file}", file=file)
            return Found("failed", said, _("Allow it to its owner only: mode 0600"))
        if found.st_uid != owner.st_uid:
            said = _("{file} does not belong to the owner of its directory", file=file)
            return Found("warning", said, _("Give it to the server's user"))
    if owner.st_mode & _PRIVATE:
        said = _("Others may look into {data}", data=data)
        return Found("warning", said, _("Allow it to its owner only: mode 0700"))
    return Found("ok", _("Only the server's user can read the files"))


def check_open_files(settings: Settings, pid: int | None) -> Found:
    """Check that the system lets the server open as many connections as the settings allow."""
    limit, used = _open_files(pid)
    if limit is None:
        return Found("ok", _("This system does not say how many files may be open"))
    possible, wanted = max(0, limit - _RESERVE), settings.limits.connections
    advice = _("Raise the limit (ulimit -n, or LimitNOFILE of a service)")
    said = (
        _("{limit} files may be open", limit=limit)
        if used is None
        else _("{used} of {limit} files are open", used=used, limit=limit)
    )
    if used is not None and used > _MOST * limit:
        return Found("failed", said, advice)
    if possible < _MOST * wanted:
        connections = _(
            "that are {possible} connections instead of {wanted}", possible=possible, wanted=wanted
        )
        return Found("warning", f"{said}; {connections}", advice)
    return Found("ok", said)


def _latest(settings: Settings) -> float:
    """Return the latest time that the server has noted, 0 if there is none."""
    files = [settings.data / "messenger.db", settings.data / "messenger.db-wal"]
    files += [settings.data / "log" / "server.log", settings.data / "running.json"]
    times = [found.st_mtime for _file, found in _stats(files)]
    try:
        known = certificate.current(settings)
    except CannotStart:  # another check says so
        known = None
    if known is not None:
        times.append(known.not_before + (_DAY if known.is_own else 0))
    return max(times, default=0.0)


def _stats(files: list[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for file in files:
        try:
            yield file, file.stat()
        except FileNotFoundError:
            continue


def _file_system_time(directory: Path) -> float:
    """Return the time that a new file gets; it is removed at once."""
    if not directory.is_dir():
        return time.time()
    with tempfile.TemporaryFile(dir=directory) as file:
        file.write(b"x")
        file.flush()
        return os.fstat(file.fileno()).st_mtime


def _is_synchronized() -> bool | None:
    """Tell whether the kernel considers its clock synchronized; None if it cannot say."""
    if not sys.platform.startswith("linux") or ctypes.sizeof(ctypes.c_long) != 8:
        return None
    found = ctypes.create_string_buffer(512)  # modes 0: nothing is set
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(found)
    except (OSError, AttributeError):
        return None
    if state < 0:  # forbidden, as by ProtectClock= of systemd and in some containers
        return None
    status = int.from_bytes(found.raw[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    return not status & _UNSYNCHRONIZED


def _time_syncs(directory: Path) -> float:
    """Return how many seconds a small write takes until it is on the disk, in the median."""
    taken = []
    # It has no name on Linux: nothing stays even if this process is killed.
    with tempfile.TemporaryFile(dir=directory) as file:
        for _turn in range(_SYNCS):
            began = time.perf_counter()
            file.write(os.urandom(4096))
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _open_files(pid: int | None) -> tuple[int | None, int | None]:
    """Return the limit of a process, or of a new one, and how many files it has open."""
    try:
        import resource
    except ImportError:  # Windows
        return None, None
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = None if hard == resource.RLIM_INFINITY else hard
    if pid is None:
        return limit, None
    try:
        rows = Path(f"/proc/{pid}/limits").read_text().splitlines()
        row = next(row for row in rows if row.startswith("Max open files"))
        soft = row.removeprefix("Max open files").split()[0]
        used = sum(1 for _file in Path(f"/proc/{pid}/fd").iterdir())
    except (OSError, StopIteration):  # another user's, or no such file system
        return limit, None
    return (int(soft) if soft.isdecimal() else None), used
