"""What a server leaves to the one that takes its place in the same process, by a restart."""

import os
from collections.abc import MutableMapping
from typing import NamedTuple

import msgspec

from messenger.server.backup.orders import RestoreOutcome
from messenger.server.ending import Ending
from messenger.server.signals import Signals

_NAME = "MESSENGER_HANDOVER"


class Handover(msgspec.Struct, kw_only=True):
    """What was there before the restart; of a first start there is nothing.

    `lock` is the file descriptor of the directory's lock, `port` the one that clients know, and
    `window` the process of the administration window, 0 if that was opened and closed again.
    `restored` is what became of a backup that was to be restored meanwhile.
    """

    lock: int | None = None
    port: int = 0
    window: int | None = None
    restored: RestoreOutcome | None = None
    process: int = msgspec.field(default_factory=os.getpid)

    def environment(self) -> dict[str, str]:
        """Return the variable of the environment by which it is handed over."""
        return {_NAME: msgspec.json.encode(self).decode()}


class Following(NamedTuple):
    """A server that is to follow in this process, perhaps after a backup was restored.

    The `signals` are still watched: they end it by its `ending`, of which it is the restart.
    """

    handover: Handover
    ending: Ending
    signals: Signals


def take_handover(environment: MutableMapping[str, str] = os.environ) -> Handover:
    """Return what was handed over to this process; programs that it starts do not get it."""
    text = environment.pop(_NAME, "")
    try:
        found = msgspec.json.decode(text, type=Handover)
    except msgspec.DecodeError:
        return Handover()
    # Of another process, it would name files and programs that are not this one's.
    return found if found.process == os.getpid() else Handover()
