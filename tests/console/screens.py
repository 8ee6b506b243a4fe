"""Driving the full-screen client: a pilot at its widgets, and what they show."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static
from textual.widgets.option_list import OptionDoesNotExist

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.composer import Composer
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import ConnectionState
from messenger.sdk.profiles import Profile
from tests.running import RunningServer

Drive = Callable[[MessengerApp, Pilot[int]], Awaitable[None]]


def drive(
    server: RunningServer,
    store: Path,
    work: Drive,
    *,
    name: str = "ann",
    password: str | None = None,
    size: tuple[int, int] = (100, 30),
) -> None:
    """Run the client in a screen of this size, and do the work with it."""
    register = password is not None
    client = Client(
        "127.0.0.1", server.port, Credentials(name, password, register=register), Store(store)
    )
    profile = Profile(store.parent / "profile")
    profile.set_up("127.0.0.1", server.port, name)
    app = MessengerApp(client, profile)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await work(app, pilot)

    try:
        asyncio.run(run())
        assert app.failures == 0
    finally:
        client.close()
        client.store.close()


async def until(pilot: Pilot[int], condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it holds, and what it came with is shown."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, shown(pilot.app)
        await asyncio.sleep(0.02)
    await pilot.pause(0)


async def online(app: MessengerApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: app.client.core.state is ConnectionState.ONLINE)


def shown(app: object) -> str:
    """Return the messages and the notes as they are on the screen."""
    assert isinstance(app, MessengerApp)
    return "\n".join(app.view.render_line(y).text.rstrip() for y in range(app.view.size.height))


async def write(pilot: Pilot[int], text: str) -> None:
    """Type a text (as a terminal pastes it) and Enter."""
    pilot.app.query_one(Composer).insert(text)
    await pilot.press("enter")


def opened(app: MessengerApp) -> str:
    """Return which conversation the title names; how it is locked stands behind."""
    return label(app, "title").split(" · ")[0]


def label(app: MessengerApp, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).content)


def in_list(app: MessengerApp, name: str) -> str:
    """Return what the list of conversations shows of one."""
    try:
        return str(app.list.get_option(name).prompt)
    except OptionDoesNotExist:
        return ""
