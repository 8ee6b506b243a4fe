"""The mark of a verified person on the screen, beside the messages that are shown already."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from messenger.console.screen.app import MessengerApp
from messenger.crypto.accounts import Secret
from messenger.jim.messages import Message
from messenger.sdk import Store
from messenger.sdk.store import IdentityTrust, MessageSecurity
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents
from tests.console.screens import drive, online, shown, until
from tests.running import RunningServer, running

BOB = "боб 🙂"


@pytest.fixture
def one_server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


def line_of(app: MessengerApp, text: str) -> str:
    """Return the line above a text: who has written it."""
    lines = shown(app).splitlines()
    found = next(number for number, line in enumerate(lines) if text in line)
    return lines[found - 1]


def test_the_mark_comes_only_beside_what_the_verified_identity_has_signed(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """The messages were on the screen before the numbers were compared."""
    file = tmp_path / "ann.db"
    secret = Secret(BOB)
    store = Store(file)
    KeyStore(store).trust(secret.identity, IdentityTrust.UNVERIFIED)
    for seq, signed_by in ((1, "another key"), (2, secret.identity.self_signing)):
        message = Message(5.0 * seq, "ann", BOB, "text", "m", seq, f"id {seq}", 5.0 * seq)
        contents = Contents(f"message {seq}", MessageSecurity.ENCRYPTED, signed_by=signed_by)
        store.add_received(BOB, "ann", [message], lambda _name, _page, one=contents: [one])
    store.close()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await app.go_to(BOB)
        await until(pilot, lambda: "message 2" in shown(app))
        assert "✔" not in shown(app)
        app.in_thread(app.run_command, f'/verify "{BOB}" yes', BOB)
        await until(pilot, lambda: "✔" in line_of(app, "message 2"))
        assert "✔" not in line_of(app, "message 1")

    drive(one_server, file, work, password="password 1")
