"""The full-screen client: what a command answers is seen, as long as it is true."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.controller import Happened
from messenger.console.screen.dialogs import Confirm
from messenger.console.screen.help import Help
from messenger.sdk.events import ApprovalChanged, VerificationChanged
from messenger.sdk.key_states import Approval, ApprovalState, Verification, VerificationState
from tests.console.screens import drive, label, online, opened, shown, until, write
from tests.console.test_screen_dialogs import pictured
from tests.running import PASSWORD, RunningServer, Talker, running


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


@pytest.mark.parametrize(("there", "written"), [("#Кухня", "кухня"), ("#Ｃafé", "#CAFÉ")])
def test_a_room_whose_name_differs_by_case_only_is_joined(
    one_server: RunningServer, tmp_path: Path, there: str, written: str
) -> None:
    with Talker(one_server.port) as link:
        link.guest("a/b%41")
        link.ask("join", room=there)

        async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
            await online(app, pilot)
            await write(pilot, f"/join {written}")
            await until(pilot, lambda: opened(app) == there)

        drive(one_server, tmp_path / "a.db", work, name="Ёж")


def test_why_a_command_is_refused_is_still_seen_when_the_user_writes_on(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/join #две комнаты")
        await until(pilot, lambda: "/join #ROOM" in shown(app))
        await write(pilot, "и текст")
        await until(pilot, lambda: "и текст ✓" in shown(app))
        assert "/join #ROOM" in shown(app)
        await write(pilot, "/set")
        await until(pilot, lambda: "bell" in shown(app))
        assert "/join #ROOM" not in shown(app)
        await write(pilot, "дальше")
        await until(pilot, lambda: "дальше ✓" in shown(app))
        assert "bell" not in shown(app)

    drive(one_server, tmp_path / "a.db", work, name="名前")


@pytest.mark.parametrize(
    "command", ["/away", "/back", "/msg #all привет", "/topic #all -", "/read"]
)
def test_what_the_command_before_has_shown_is_closed_by_the_next_one(
    one_server: RunningServer, tmp_path: Path, command: str
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/set")
        await until(pilot, lambda: "bell" in shown(app))
        await write(pilot, command)
        await until(pilot, lambda: "bell" not in shown(app))

    drive(one_server, tmp_path / "a.db", work, name="Иван")


def test_away_and_back_say_so(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/away обед")
        await until(pilot, lambda: "You are away: /back ends it." in shown(app))
        await write(pilot, "/back")
        await until(pilot, lambda: "You are back." in shown(app))

    drive(one_server, tmp_path / "a.db", work, name="Иван")


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (
            "/verify Иван emoji",
            VerificationChanged(Verification("Иван", VerificationState.EMOJI_SHOWN, (1,) * 7)),
        ),
        (
            "/verify Иван emoji",
            VerificationChanged(Verification("Иван", VerificationState.VERIFIED)),
        ),
        ("/devices", ApprovalChanged(Approval(ApprovalState.APPROVED), ApprovalState.NEEDED)),
    ],
)
def test_an_answer_that_is_no_longer_true_is_closed(
    one_server: RunningServer, tmp_path: Path, command: str, event: object
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        app.show_output(1, command, "Waiting for Иван.")
        await until(pilot, lambda: "Waiting" in shown(app))
        app.post_message(Happened([event]))
        await until(pilot, lambda: "Waiting" not in shown(app))

    drive(one_server, tmp_path / "a.db", work, name="a/b%41")


def test_a_message_that_was_not_sent_elsewhere_is_told_where_the_user_is(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/msg Несуществующий привет")
        said = "Not sent to Несуществующий: There is no user Несуществующий (“привет”"
        await until(pilot, lambda: said in " ".join(shown(app).split()))
        assert opened(app) == "#all"
        await app.go_to("Несуществующий")
        await until(pilot, lambda: "✗" in shown(app))
        assert "support" not in label(app, "title")

    drive(one_server, tmp_path / "a.db", work, name="Ёж", size=(160, 30))


def test_who_is_online_is_counted_anew_when_somebody_comes_or_goes(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """In the status line and in the panel of members alike, though the server tells of neither."""

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await until(pilot, lambda: "1 online" in label(app, "status"))
        with Talker(one_server.port) as other:
            other.guest("名前")
            await pilot.press("f2")
            await until(pilot, lambda: app.members.option_count == 2)
            await until(pilot, lambda: "2 online" in label(app, "status"))
            other.leave()
        await until(pilot, lambda: "1 online" in label(app, "status"))
        await until(pilot, lambda: app.members.option_count == 1)

    drive(one_server, tmp_path / "a.db", work, name="Иван", size=(120, 30))


def test_who_is_in_a_room_is_shown_as_they_come_and_go(
    one_server: RunningServer, tmp_path: Path
) -> None:
    room = "#а/б%41"

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, f"/join {room} open")
        await until(pilot, lambda: opened(app) == room)
        await pilot.press("f2")
        await until(pilot, lambda: app.members.option_count == 1)
        with Talker(one_server.port) as other:
            other.guest("名前")
            other.ask("join", room=room)
            await until(pilot, lambda: app.members.option_count == 2)
            await until(pilot, lambda: "2 online" in label(app, "status"))
            other.ask("leave", room=room)
            await until(pilot, lambda: app.members.option_count == 1)
            await until(pilot, lambda: "1 online" in label(app, "status"))

    drive(one_server, tmp_path / "a.db", work, name="Иван", size=(120, 30))


@pytest.mark.parametrize("given", ["#Столовая", "名前"])
def test_a_room_is_closed_only_when_the_user_says_so_and_is_marked_then(
    one_server: RunningServer, tmp_path: Path, given: str
) -> None:
    room = f"#{given.removeprefix('#')}"

    def in_list(app: MessengerApp) -> str:
        return "".join(str(one.prompt) for one in app.list.options if one.id == room)

    async def close(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, f"/join {given}")
        await until(pilot, lambda: opened(app) == room)
        for answer in "ny":
            await write(pilot, f"/close {given}")
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            assert "⊘" not in in_list(app)
            await pilot.press(answer)
            await until(pilot, lambda: not isinstance(app.screen, Confirm))
        await until(pilot, lambda: "⊘" in in_list(app))

    async def look_again(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await until(pilot, lambda: "⊘" in in_list(app))
        await write(pilot, f"/join {given}")
        await until(pilot, lambda: bool(in_list(app)) and "⊘" not in in_list(app))
        await until(pilot, lambda: opened(app) == room)
        await write(pilot, f"/leave {given}")
        await until(pilot, lambda: f"You have left {room}" in shown(app))

    name = f"Ёж {len(given)}"
    drive(one_server, tmp_path / "a.db", close, name=name, password=PASSWORD)
    drive(one_server, tmp_path / "a.db", look_again, name=name)


def test_how_a_command_is_written_is_seen_whole_in_the_help(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await write(pilot, "/help")
        await until(pilot, lambda: isinstance(app.screen, Help))
        app.screen.query_one(Input).value = "/verify"
        await until(pilot, lambda: "verify a contact" in pictured(app))
        seen = "".join(pictured(app).split())
        assert "…" not in seen
        assert "cancel]" in seen

    drive(one_server, tmp_path / "a.db", work, name="Ёж", size=(80, 24))
