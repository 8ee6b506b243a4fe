"""Takes the screenshots in docs/images: a real server, a scripted conversation, the real screen."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot

sys.path.insert(0, str(Path(__file__).parent.parent))

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.welcome import WelcomeApp
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.profiles import Preferences, Profile
from tests.forking import ROOT
from tests.running import running

IMAGES = ROOT / "docs" / "images"
_MESSAGES = (
    ("ann", "#garden", "Who brings what on Saturday?"),
    ("bob", "#garden", "Tomatoes, and the long hose. See https://example.org/plan"),
    ("eve", "#garden", "Я принесу пирог 🥧 и чай."),
    ("ann", "#garden", "Wonderful.\nThen we need only chairs."),
    ("bob", "ann", "Can you take the chairs in your car?"),
    ("eve", "#all", "Good morning, everyone"),
)


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, running(Path(directory) / "server") as server:
        people = {
            name: Client(
                "127.0.0.1",
                server.port,
                Credentials(name, "correct horse battery", register=True),
                Store(Path(directory) / f"{name}.db"),
            )
            for name in ("ann", "bob", "eve")
        }
        for name in ("bob", "eve"):
            people[name].start()
            people[name].wait_until_online(10)
            people[name].join("#garden")
        profile = Profile(Path(directory) / "ann")
        profile.set_up("127.0.0.1", server.port, "ann")
        app = MessengerApp(people["ann"], profile, to="#garden")
        asyncio.run(_take(app, people))
        asyncio.run(_take_welcome())
        for client in people.values():
            client.close()


async def _take(app: MessengerApp, people: dict[str, Client]) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(1)
        await asyncio.to_thread(people["ann"].join, "#garden")
        for name, to, text in _MESSAGES:
            if name == "ann":
                message = await asyncio.to_thread(people[name].send_text, to, text)
                await app.written(message)
            else:
                people[name].send_text(to, text)
            await pilot.pause(0.4)
        await _shot(app, pilot, "chat")
        await pilot.press("ctrl+k")
        await _shot(app, pilot, "switcher")
        await pilot.press("escape", "f2")
        await _shot(app, pilot, "members")
        await pilot.press("f2", "f1")
        await _shot(app, pilot, "help")
        await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        await _shot(app, pilot, "small")
        await asyncio.to_thread(app.controller.prefer, Preferences(theme="light"))
        await _shot(app, pilot, "light")


async def _take_welcome() -> None:
    app = WelcomeApp(lambda _: "", has_keyring=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"chat.example.org", "tab", *"ann", "tab", "tab", *"tomatoes and tea")
        await _shot(app, pilot, "welcome")


async def _shot(app: App[Any], pilot: Pilot[Any], name: str) -> None:
    await pilot.pause(0.8)
    (IMAGES / f"{name}.svg").write_text(app.export_screenshot(title="Messenger"), "utf-8")


if __name__ == "__main__":
    main()
