"""The full-screen client with another device of its user: drafts and pins of both."""

import asyncio
from pathlib import Path

from textual.pilot import Pilot

from messenger.console.screen.app import MessengerApp
from messenger.sdk import Store
from tests.console.screens import drive, online, until, write
from tests.running import PASSWORD, RunningServer
from tests.sdk.person import Person
from tests.sdk.person import wait as blocking_until


def test_drafts_and_pins_of_another_device_are_shown_and_its_own_are_shared(
    one_server: RunningServer, tmp_path: Path
) -> None:
    first = Person("two-handed", one_server.port, Store(tmp_path / "first.db"))

    def draft() -> str:
        return first.drafts().get("#all", "")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await asyncio.to_thread(first.keys.approve, app.client.keys.approval_code)
        first.set_draft("#all", "begun on the phone")
        first.share_drafts()
        first.pin("bob 😀")
        await until(pilot, lambda: app.composer.text == "begun on the phone")
        await until(pilot, lambda: app.conversations.names[0] == "bob 😀")

        app.composer.insert(", continued here")
        await app.go_to("bob 😀")
        await until(pilot, lambda: draft() == "begun on the phone, continued here")

        await app.go_to("#all")
        await until(pilot, lambda: app.composer.text == draft() != "")
        app.composer.insert(" and typed")
        first.set_draft("#all", "of the phone")
        first.share_drafts()
        await until(pilot, lambda: app._drafts.of("#all") != "begun on the phone, continued here")
        assert app.composer.text == "begun on the phone, continued here and typed"
        await write(pilot, "")
        await until(pilot, lambda: draft() == "")

    drive(one_server, tmp_path / "second.db", work, name="two-handed", password=PASSWORD)
    blocking_until(lambda: draft() == "")
    first.close()
