"""All checks of a server, in the order in which an operator would make them."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from messenger.language import _
from messenger.output import encodable
from messenger.server.config import Layers, Settings, read_layers
from messenger.server.doctor import machine, network, storage
from messenger.server.doctor.checks import Check, Found, Name, run
from messenger.server.doctor.log_check import check_log
from messenger.server.doctor.round_trip import send_round
from messenger.server.errors import CannotStart
from messenger.server.running_state import RunningState, find_state
from messenger.server.settings.states import states
from messenger.server.store.directory_lock import is_locked

Checks = Iterator[tuple[Name, Callable[[], Found]]]


def examine(
    arguments: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
) -> Iterator[Check]:
    """Make each check in turn, with or without a running server; nothing is changed.

    It takes some seconds, at most some minutes: call it in a thread of its own. `clock` returns
    unix time.
    """
    try:
        layers = read_layers(arguments, environment)
        settings = layers.settings()
    except CannotStart as error:
        said = str(error)
        yield run("settings", lambda: Found("failed", said, _("Correct it: no server starts so")))
        data = arguments.get("data") or Settings().data
        yield from _make(_of_directory(Settings(data=Path(data)), None, clock))
        return
    state = _state(settings.data)
    yield run("settings", partial(_check_settings, layers, settings.data, state))
    port = settings.port
    if state is not None:
        # Its command line may say something else than this one.
        settings, port = msgspec.structs.replace(settings, address=state.address), state.port
    yield from _make(_of_network(settings, state, port, clock))
    yield from _make(_of_directory(settings, state, clock))
    yield run("database", partial(storage.check_database, settings))
    yield run("integrity", partial(storage.check_integrity, settings))


def _make(checks: Checks) -> Iterator[Check]:
    for name, check in checks:
        yield run(name, check)


def _of_network(
    settings: Settings, state: RunningState | None, port: int, clock: Callable[[], float]
) -> Checks:
    place = network.local_place(settings, port)
    is_running = state is not None
    if port or is_running:
        yield "port", partial(network.check_port, settings, place, is_running=is_running)
    if is_running:
        fingerprint = network.own_fingerprint(settings)
        yield "tls", partial(network.check_tls, settings, place)
        yield "round_trip", partial(send_round, place)
        yield ("public_address", partial(network.check_public_address, settings, port, fingerprint))
    yield "certificate", lambda: network.check_certificate(settings, clock())


def _of_directory(
    settings: Settings, state: RunningState | None, clock: Callable[[], float]
) -> Checks:
    data = settings.data
    yield "clock", partial(machine.check_clock, settings, clock)
    yield "disk", partial(machine.check_disk, data)
    yield "rights", partial(machine.check_rights, data)
    pid = state.pid if state is not None else None
    yield "open_files", partial(machine.check_open_files, settings, pid)
    yield "log", lambda: check_log(data / "log", clock())


def _state(data: Path) -> RunningState | None:
    try:
        return find_state(data)
    except OSError:  # another user's: what can be found out is checked all the same
        return None


def _check_settings(layers: Layers, data: Path, state: RunningState | None) -> Found:
    if state is None:
        if is_locked(data):
            said = _("A server starts in {data}, or a command uses it", data=data)
            return Found("warning", said, _("Try again later"))
        return Found("ok", _("The settings are valid; no server runs in {data}", data=data))
    # Those that are taken over at once are told by a reload; and the command line of a server is
    # not that of this command.
    differ = [
        one.name
        for one in states(layers, state.values)
        if one.is_waiting and not one.at_once and (one.in_file or one.name == "database")
    ]
    if differ:
        return Found(
            "warning",
            _("The server runs with other values of: {names}", names=", ".join(differ)),
            _("Restart the server, unless its command line or environment sets them"),
        )
    if state.config != encodable(str(layers.path.absolute())):
        return Found(
            "warning",
            _("The running server reads its settings from {file}", file=state.config),
            _("Name that file to this command as well"),
        )
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(state.started_at))
    return Found(
        "ok",
        _(
            "Messenger {version} runs since {time} (process {pid})",
            version=state.version,
            time=started,
            pid=state.pid,
        ),
    )
