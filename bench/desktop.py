"""Has the desktop client run offscreen with a full database, and storms it with messages."""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from bench import clients, machine
from messenger.sdk.profiles import Profile, Profiles
from messenger.sdk.store import fulltext

_ME = "ann"
_PASSWORD = "correct horse battery"
_BIG = "#big"
_EACH = 5  # messages of the other conversations
_PATIENCE = 120.0
_STARTS = 3
_MESSAGE = """INSERT INTO messages (conversation, seq, sent_id, sender, text, time, state, stored)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_WORDS = ("see", "you", "at", "the", "place", "on", "Saturday", "and", "bring", "a", "plan", "with")


def full_profile(data: Path, port: int, conversations: int, messages: int) -> None:
    """Make a profile with so many conversations, one of them with so many messages."""
    profile: Profile = Profiles(data).of("127.0.0.1", port, _ME)
    profile.set_up("127.0.0.1", port, _ME)
    profile.lock_new()
    store = profile.open_store()
    sizes = {_BIG: messages} | {f"friend{one:04}": _EACH for one in range(conversations - 1)}
    with store.transaction() as connection:  # in bulk, as no client would
        connection.exec_driver_sql(
            "INSERT INTO conversations (name, synced, read) VALUES (?, ?, ?)",
            [(name, size, size) for name, size in sizes.items()],
        )
        for name, size in sizes.items():
            connection.exec_driver_sql(_MESSAGE, _rows(name, size))
        fulltext.build(connection)
    store.close()


def _rows(name: str, size: int) -> list[tuple[object, ...]]:
    now = time.time()
    rows: list[tuple[object, ...]] = []
    for seq in range(1, size + 1):
        own = not seq % 5
        sender = _ME if own else name if not name.startswith("#") else f"friend{seq % 17:04}"
        text = " ".join(_WORDS[: 3 + seq * 7 % 11]) + f" {seq}"
        at = now - 60 * (size - seq) - 3600
        rows.append(
            (name, seq, f"{name}{seq}" if own else None, sender, text, at,
             "sent" if own else "received", at)
        )  # fmt: skip
    return rows


def measure(data: Path, port: int, rows: int, rate: int, seconds: float) -> dict[str, Any]:
    """Start the client, have it measure itself, with a storm of `rate` messages a second.

    The profile has been opened before: that it is a new device is not measured.
    """
    _run(data, port, rows, begins=True)
    starts = [_run(data, port, rows) for _ in range(_STARTS)]
    count = int(rate * seconds)
    with clients.guest(port) as guest:
        found = _run(data, port, rows, count, lambda: guest.write(_ME, count, rate))
    # The best start, as of the other programs: others run on the machine, too.
    return found | min([*starts, found], key=lambda one: one["first paint"])


def _run(
    data: Path, port: int, rows: int, count: int = 0, storm: Any = None, *, begins: bool = False
) -> dict[str, Any]:
    password = data / "password"
    password.write_text(_PASSWORD, "utf-8")
    words: Sequence[str] = (
        sys.executable, "-m", "bench.desktop_script", str(time.monotonic()), str(rows), str(count),
        _BIG, "127.0.0.1", str(port), "-n", _ME, "--password-file", str(password),
        "--data", str(data), "--to", "friend0000", *(["--register"] if begins else []),
    )  # fmt: skip
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    process = machine.on_its_core(words)
    try:
        assert process.stdout is not None
        _read_until(process.stdout, "storm")
        if storm is not None:
            storm()
        return dict(json.loads(process.stdout.readline() or "{}"))
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        if process.stdout is not None:
            process.stdout.close()


def _read_until(output: IO[str], word: str) -> None:
    while (line := output.readline().strip()) != word:
        if not line:
            raise RuntimeError("The desktop client has ended")
