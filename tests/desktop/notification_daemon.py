"""A desktop without a screen: a notification service and a tray on a bus of their own.

Run as a program it serves the bus of DBUS_SESSION_BUS_ADDRESS: it writes each call as a line of
JSON, and obeys lines of JSON.
"""

# No `from __future__ import annotations`: dbus-fast reads signatures from the annotations.
import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from dbus_fast import BusType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusSignature
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

U = Annotated[int, DBusSignature("u")]
I = Annotated[int, DBusSignature("i")]  # noqa: E741  D-Bus's own letter
S = Annotated[str, DBusSignature("s")]
AS = Annotated[list[str], DBusSignature("as")]
HINTS = Annotated[dict[str, Variant], DBusSignature("a{sv}")]
B = Annotated[bool, DBusSignature("b")]

NOTIFICATIONS = "org.freedesktop.Notifications"
TRAY = "org.kde.StatusNotifierWatcher"


def say(**values: Any) -> None:
    """Write what has happened."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class Notifications(ServiceInterface):
    """The notification service; `capabilities` is what it can do."""

    def __init__(self, capabilities: list[str]) -> None:
        super().__init__(NOTIFICATIONS)
        self.capabilities = capabilities
        self.hangs = asyncio.Event()
        self.last = 0

    async def _wait(self) -> None:
        while self.hangs.is_set():
            await asyncio.sleep(0.01)

    @dbus_method(name="GetCapabilities")
    async def get_capabilities(self) -> AS:
        """Return what this service can do."""
        say(call="capabilities")
        await self._wait()
        return self.capabilities

    @dbus_method(name="Notify")
    async def notify(
        self,
        program: S,
        replaces: U,
        icon: S,
        title: S,
        body: S,
        actions: AS,
        hints: HINTS,
        time: I,
    ) -> U:
        """Show a notification; return its id."""
        plain = {key: one.value for key, one in hints.items() if key != "image-data"}
        self.last = replaces or self.last + 1
        say(
            call="notify", id=self.last, replaces=replaces, title=title, body=body,
            actions=actions, hints=plain, has_picture="image-data" in hints,
        )  # fmt: skip
        shown = self.last
        await self._wait()
        return shown

    @dbus_method(name="CloseNotification")
    def close_notification(self, number: U) -> None:
        """Take a notification back."""
        say(call="close", id=number)

    @dbus_signal(name="ActionInvoked")
    def action_invoked(
        self, number: int, action: str
    ) -> Annotated[tuple[int, str], DBusSignature("us")]:
        """Tell that the user has chosen an action."""
        return (number, action)

    @dbus_signal(name="NotificationClosed")
    def notification_closed(
        self, number: int, reason: int
    ) -> Annotated[tuple[int, int], DBusSignature("uu")]:
        """Tell that a notification is gone."""
        return (number, reason)

    @dbus_signal(name="ActivationToken")
    def activation_token(
        self, number: int, token: str
    ) -> Annotated[tuple[int, str], DBusSignature("us")]:
        """Give a token with which a window may come to the front."""
        return (number, token)


class Tray(ServiceInterface):
    """A tray: whether a panel shows it."""

    def __init__(self) -> None:
        super().__init__(TRAY)

    @dbus_property(name="IsStatusNotifierHostRegistered", access=PropertyAccess.READ)
    def is_registered(self) -> B:
        """Whether a panel shows the icons."""
        return True


async def serve(bus: MessageBus) -> None:
    """Obey lines of JSON until there are no more."""
    service = Notifications(["body", "actions"])
    bus.export("/org/freedesktop/Notifications", service)
    bus.export("/StatusNotifierWatcher", Tray())
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    orders: dict[str, Callable[..., Any]] = {
        "report": lambda: None,
        "own": bus.request_name,
        "give up": bus.release_name,
        "capabilities": lambda names: setattr(service, "capabilities", names),
        "hang": service.hangs.set,
        "go on": service.hangs.clear,
        "invoke": service.action_invoked,
        "closed": lambda number: service.notification_closed(number, 2),
        "token": service.activation_token,
    }
    while line := await lines.get():
        order, arguments = json.loads(line)
        done = orders[order](*arguments)
        if asyncio.iscoroutine(done):
            await done
        say(done=True)


async def main() -> None:
    """Serve the session bus."""
    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    say(done=True)
    await serve(bus)


class FakeDesktop:
    """A private bus with such a daemon, each in a process; `calls` are what has arrived."""

    def __init__(self) -> None:
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._bus.stdout is not None
        self.address = self._bus.stdout.readline().strip()
        self._daemon = subprocess.Popen(
            [sys.executable, "-m", "tests.desktop.notification_daemon"],
            env={"DBUS_SESSION_BUS_ADDRESS": self.address, "PATH": ""},
            cwd=Path(__file__).parent.parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.calls: list[dict[str, Any]] = []
        self._done = threading.Semaphore(0)
        self._reader = threading.Thread(target=self._read, name="fake desktop")
        self._reader.start()
        assert self._done.acquire(timeout=30)

    def do(self, order: str, *arguments: Any) -> None:
        """Have the daemon do something, and wait until it has."""
        assert self._daemon.stdin is not None
        self._daemon.stdin.write(json.dumps((order, arguments)) + "\n")
        self._daemon.stdin.flush()
        assert self._done.acquire(timeout=30)

    def notes(self) -> list[dict[str, Any]]:
        """Return the notifications that it was asked to show until now."""
        self.do("report")  # What it wrote before its answer has been read, too.
        return [one for one in self.calls if one["call"] == "notify"]

    def close(self) -> None:
        """End both."""
        for process in (self._daemon, self._bus):
            process.kill()
            process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._daemon.stdout is not None
        for line in self._daemon.stdout:
            told = json.loads(line)
            if "done" in told:
                self._done.release()
            else:
                self.calls.append(told)


if __name__ == "__main__":
    asyncio.run(main())
