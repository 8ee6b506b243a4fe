"""What a screen reader sees: a display without a screen, and the tree of accessible objects.

Qt's offscreen platform has no bridge to AT-SPI, so that windows are shown on Xvfb.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

_LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
_PATIENCE = 60  # seconds
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_REGISTRY = "org.a11y.atspi.Registry"
_ROOT = "/org/a11y/atspi/accessible/root"


class Seen(NamedTuple):
    """An object of the tree, with its ancestors' names."""

    role: str
    name: str
    path: tuple[str, ...]


class ToolsMissing(AssertionError):
    """The machine has no display server, no message bus or no AT-SPI."""


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """Run a display, a message bus and AT-SPI; yield the environment of programs on it."""
    missing = [one for one in ("Xvfb", "dbus-daemon") if shutil.which(one) is None]
    missing += [] if _LAUNCHER.exists() else [str(_LAUNCHER)]
    if missing:
        raise ToolsMissing(f"{', '.join(missing)} missing: apt-get install xvfb at-spi2-core dbus")
    with ExitStack() as running:
        number = running.enter_context(
            _started("Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
        )
        bus = running.enter_context(_started("dbus-daemon", "--session", "--print-address=1"))
        environment = os.environ | {
            "DISPLAY": f":{number}",
            "DBUS_SESSION_BUS_ADDRESS": bus,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        for name in ("WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS"):
            environment.pop(name, None)
        running.enter_context(
            _started(str(_LAUNCHER), "--launch-immediately", env=environment, says=False)
        )
        yield environment


@contextmanager
def _started(*command: str, env: dict[str, str] | None = None, says: bool = True) -> Iterator[str]:
    """Run a program, with all that it starts; yield the line that it prints first."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip() if says else ""
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.stdout.close()
        process.wait(_PATIENCE)


def look(environment: dict[str, str], *wanted: str) -> list[Seen]:
    """Return all objects, as soon as there are some with each of these texts in their names."""
    return asyncio.run(asyncio.wait_for(_look(environment, wanted), _PATIENCE))


async def _look(environment: dict[str, str], wanted: tuple[str, ...]) -> list[Seen]:
    session = await MessageBus(environment["DBUS_SESSION_BUS_ADDRESS"]).connect()
    address = await _answer(session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
    bus = await MessageBus(address, bus_type=BusType.SESSION).connect()
    try:
        while True:
            found = [one async for one in _walk(bus, _REGISTRY, _ROOT, ())]
            if found and all(any(text in one.name for one in found) for text in wanted):
                return found
            await asyncio.sleep(0.2)
    finally:
        bus.disconnect()
        session.disconnect()


async def _walk(bus: MessageBus, owner: str, path: str, above: tuple[str, ...]) -> Any:
    """Yield what is below an object, in its order; what has gone meanwhile is left out."""
    for child, at in await _answer(bus, owner, path, _ACCESSIBLE, "GetChildren") or []:
        role = await _answer(bus, child, at, _ACCESSIBLE, "GetRoleName")
        name = await _answer(
            bus, child, at, "org.freedesktop.DBus.Properties", "Get", _ACCESSIBLE, "Name"
        )
        if role is not None and name is not None:
            yield Seen(role, name.value, above)
            async for one in _walk(bus, child, at, (*above, name.value)):
                yield one


async def _answer(
    bus: MessageBus, owner: str, path: str, interface: str, member: str, *words: str
) -> Any:
    answer = await bus.call(
        Message(
            destination=owner,
            path=path,
            interface=interface,
            member=member,
            signature="s" * len(words),
            body=list(words),
        )
    )
    if answer is None or answer.message_type is MessageType.ERROR or not answer.body:
        return None
    return answer.body[0]
