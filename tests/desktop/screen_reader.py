"""What a screen reader sees: a display without a screen, and the tree of accessible objects.

Qt's offscreen platform has no bridge to AT-SPI, so that windows are shown on Xvfb.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

_LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
_PATIENCE = 120  # seconds
_ONE_ANSWER = 10  # seconds
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_REGISTRY = "org.a11y.atspi.Registry"
_ROOT = "/org/a11y/atspi/accessible/root"
_VISIBLE = 1 << 30
"""The state `ATSPI_STATE_VISIBLE`: what is scrolled out of sight has it, what is hidden not."""
_PAUSE = 0.1  # seconds between looks


class Seen(NamedTuple):
    """An object of the tree that is visible, with its ancestors' names.

    `owner` and `at` are its address on the bus.
    """

    role: str
    name: str
    path: tuple[str, ...]
    owner: str
    at: str


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
        runtime = running.enter_context(tempfile.TemporaryDirectory(prefix="messenger-"))
        environment = os.environ | {
            "XDG_RUNTIME_DIR": runtime,  # for sockets of AT-SPI's own bus
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


class ScreenReader:
    """Sees what is on the display, and acts on it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def look(self, *wanted: str) -> list[Seen]:
        """Return all objects, as soon as there are some with each of these texts in their names."""

        async def look(bus: MessageBus) -> list[Seen]:
            while True:
                found = [one async for one in _walk(bus, _REGISTRY, _ROOT, ())]
                if found and all(any(text in one.name for one in found) for text in wanted):
                    return found
                await asyncio.sleep(_PAUSE)

        return list(self._on_the_bus(look))

    def press(self, button: Seen) -> None:
        """Press a button."""
        self._act(button, "org.a11y.atspi.Action", "DoAction", "i", 0)

    def choose(self, of: Seen, number: int) -> None:
        """Choose a row of a list."""
        self._act(of, "org.a11y.atspi.Selection", "SelectChild", "i", number)

    def write(self, field: Seen, text: str) -> None:
        """Write into an empty field."""
        arguments = (0, text, len(text))
        self._act(field, "org.a11y.atspi.EditableText", "InsertText", "isi", *arguments)

    def _act(
        self, on: Seen, interface: str, member: str, signature: str, *arguments: object
    ) -> None:
        async def act(bus: MessageBus) -> object:
            return await _answer(bus, on.owner, on.at, interface, member, signature, *arguments)

        assert self._on_the_bus(act) is True

    def _on_the_bus(self, do: Callable[[MessageBus], Coroutine[Any, Any, Any]]) -> Any:
        return asyncio.run(asyncio.wait_for(self._connected(do), _PATIENCE))

    async def _connected(self, do: Callable[[MessageBus], Coroutine[Any, Any, Any]]) -> Any:
        session = await MessageBus(self._environment["DBUS_SESSION_BUS_ADDRESS"]).connect()
        name, path = "org.a11y.Bus", "/org/a11y/bus"
        bus = MessageBus(await _answer(session, name, path, name, "GetAddress"))
        await bus.connect()
        try:
            return await do(bus)
        finally:
            bus.disconnect()
            session.disconnect()


async def _walk(
    bus: MessageBus, owner: str, path: str, above: tuple[str, ...]
) -> AsyncIterator[Seen]:
    """Yield what is below an object, in its order; what has gone meanwhile is left out."""
    for child, at in await _answer(bus, owner, path, _ACCESSIBLE, "GetChildren") or []:
        role = await _answer(bus, child, at, _ACCESSIBLE, "GetRoleName")
        states = await _answer(bus, child, at, _ACCESSIBLE, "GetState")
        name = await _answer(
            bus, child, at, "org.freedesktop.DBus.Properties", "Get", "ss", _ACCESSIBLE, "Name"
        )
        if role == "application" or (name is not None and states and states[0] & _VISIBLE):
            yield Seen(role, name.value, above, child, at)
            async for one in _walk(bus, child, at, (*above, name.value)):
                yield one


async def _answer(
    bus: MessageBus,
    owner: str,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    *arguments: object,
) -> Any:
    """Call a method; return its first result, None if there is none."""
    call = Message(
        destination=owner,
        path=path,
        interface=interface,
        member=member,
        signature=signature,
        body=list(arguments),
    )
    try:
        # What is just going may never answer.
        answer = await asyncio.wait_for(bus.call(call), _ONE_ANSWER)
    except TimeoutError:
        return None
    if answer is None or answer.message_type is MessageType.ERROR or not answer.body:
        return None
    return answer.body[0]
