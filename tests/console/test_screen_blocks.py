"""The full-screen client hides what blocked people write in rooms, and shows it again."""

from pathlib import Path

from textual.pilot import Pilot

from messenger.console.screen.app import MessengerApp
from tests.console.screens import drive, online, shown, until, write
from tests.running import PASSWORD, RunningServer, Talker


def test_messages_of_a_blocked_user_are_hidden_in_rooms_until_the_block_ends(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
            bob.guest_fully("bob")
            bob.ask("msg", to="#all", message="hello")
            await until(pilot, lambda: "hello" in shown(app))
            await write(pilot, "/block bob")
            await until(pilot, lambda: "bob is blocked" in shown(app))
            assert "hello" not in shown(app)
            bob.ask("msg", to="#all", message="again")
            await until(pilot, lambda: shown(app).count("hidden: you have blocked") == 2)
            await write(pilot, "/unblock bob")
            await until(pilot, lambda: "hello" in shown(app) and "again" in shown(app))

    drive(fresh_server, tmp_path / "ann.db", work, password=PASSWORD)
