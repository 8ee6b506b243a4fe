"""The full-screen client as hands know such programs: drafts, dialogs, keys that delete."""

import asyncio
from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.composer import Composer
from messenger.console.screen.dialogs import Choose
from messenger.jim.messages import Message
from messenger.sdk import Store
from messenger.sdk.store import StoredMessage
from tests.console.screens import drive, label, online, opened, shown, until, write
from tests.running import PASSWORD, RunningServer, Talker

LONG = "What was written before stays unreadable here. " * 12 + "Begin anew?"


def store_of(directory: Path, me: str, *names: str, is_read: bool = True) -> Path:
    """A local database with a message from each of them."""
    store = Store(directory / "own.db")
    for place, name in enumerate(names):
        received = Message(time=1 + place, to=me, from_=name, message=f"from {name}", seq=1)
        store.add_received(name, me, [received])
        if is_read:
            store.describe(name, read=1)
    store.close()
    return directory / "own.db"


def press_at_once(app: MessengerApp, *keys: str) -> None:
    """Press keys as fast as a terminal sends them when somebody pastes or a machine types."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


def test_a_text_stays_in_the_conversation_that_it_was_begun_in(
    one_server: RunningServer, tmp_path: Path
) -> None:
    file = store_of(tmp_path, "draft-er", "名前", "a/b%41")

    async def begin(app: MessengerApp, pilot: Pilot[int]) -> None:
        await app.go_to("名前")
        app.composer.insert("секрет")
        for key in ("alt+down", "alt+up", "alt+up", "alt+1", "alt+2", "alt+3"):
            await pilot.press(key)
            await until(pilot, lambda: app.composer.target == app.controller.current)
            expected = "секрет" if app.composer.target == "名前" else ""
            assert app.composer.text == expected, key
        await app.go_to("a/b%41")

    async def find_again(app: MessengerApp, pilot: Pilot[int]) -> None:
        await app.go_to("名前")
        await until(pilot, lambda: app.composer.text == "секрет")
        await write(pilot, "")
        await until(pilot, lambda: any(one.text == "секрет" for one in app.view.messages))
        await app.go_to("a/b%41")
        await app.go_to("名前")
        assert app.composer.text == ""

    drive(one_server, file, begin, name="draft-er")
    drive(one_server, file, find_again, name="draft-er")


def test_a_draft_is_there_before_anything_can_replace_it(
    one_server: RunningServer, tmp_path: Path
) -> None:
    file = store_of(tmp_path, "slow", "名前", "a/b%41")

    async def begin(app: MessengerApp, pilot: Pilot[int]) -> None:
        await app.go_to("名前")
        await until(pilot, lambda: app.composer.target == "名前")
        app.composer.insert("секрет")

    async def go_and_come_back_at_once(app: MessengerApp, pilot: Pilot[int]) -> None:
        for name in ("名前", "a/b%41", "名前", "a/b%41", "名前"):
            app.composer.turn_to(name)
            app.composer.keep_draft()
        await until(pilot, lambda: app.composer.text == "секрет")
        app.composer.put_back("名前", "не ушло")
        app.composer.put_back("a/b%41", "тоже")
        assert app.composer.text == "не ушло\nсекрет"

    async def see(app: MessengerApp, pilot: Pilot[int]) -> None:
        for name, text in (("a/b%41", "тоже"), ("名前", "не ушло\nсекрет")):
            await app.go_to(name)
            await until(pilot, lambda text=text: app.composer.text == text)  # type: ignore[misc]

    for work in (begin, go_and_come_back_at_once, see):
        drive(one_server, file, work, name="slow")


@pytest.mark.parametrize("way", ["alt+down", "alt+up"])
def test_keys_that_follow_a_switch_at_once_go_to_the_other_conversation_and_none_before(
    one_server: RunningServer, tmp_path: Path, way: str
) -> None:
    file = store_of(tmp_path, "quick", "Иван", "bob")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: {"Иван", "bob"} <= set(app.conversations.names))
        await app.go_to("Иван")
        other = app.conversations.neighbour("Иван", 1 if way == "alt+down" else -1)
        press_at_once(app, *"one", "enter", *"two", way, *"three", "enter", *"four")
        await until(pilot, lambda: app.composer.text == "four")
        await until(pilot, lambda: len(written(app, other)) == 1)

        assert [one.text for one in written(app, "Иван")] == ["one"]
        assert [one.text for one in written(app, other)] == ["three"]
        await app.go_to("Иван")
        await until(pilot, lambda: app.composer.text == "two")

    drive(one_server, file, work, name="quick")


def written(app: MessengerApp, name: str) -> list[StoredMessage]:
    page = app.client.store.page(name, limit=50)
    return [message for message in page if message.sender == app.controller.me]


def test_a_command_belongs_to_where_it_was_written(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/join #эта")
        await until(pilot, lambda: opened(app) == "#эта")
        app.composer.insert("/topic чай")
        press_at_once(app, "enter", "alt+down", "alt+up", "alt+down")
        await until(pilot, lambda: app.client.store.summary("#эта").topic == "чай")

    drive(one_server, tmp_path / "a.db", work, name="commander", password=PASSWORD)


def test_what_a_key_deletes_can_be_put_back(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        composer = app.query_one(Composer)
        deletions: list[tuple[str, Callable[[], str]]] = [
            ("ctrl+u", lambda: ""),
            ("ctrl+w", lambda: "one two "),
        ]
        for key, left in deletions:
            composer.load_text("one two three")
            composer.move_cursor(composer.document.end)
            await pilot.press(key)
            assert composer.text == left()
            await pilot.press("ctrl+y")
            assert composer.text == "one two three"
            await pilot.press("ctrl+z", "ctrl+z")
            assert composer.text == "one two three"
        await pilot.press("home", "alt+k")
        assert composer.text == ""
        await pilot.press("ctrl+z")
        assert composer.text == "one two three"
        await pilot.press("ctrl+a", "x", "ctrl+e", "y")
        assert composer.text == "xone two threey"
        await write(pilot, "")
        await pilot.press(*"new", "up")
        assert composer.text == "xone two threey"
        await pilot.press("down")
        assert composer.text == "new"

    drive(one_server, tmp_path / "a.db", work, name="deleter")


def test_what_a_command_shows_can_be_closed_and_leaves_nothing(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/set")
        await until(pilot, lambda: "bell" in shown(app) and "Esc: close" in shown(app))
        await write(pilot, "/nonsense")
        await until(pilot, lambda: "No command /nonsense" in shown(app))
        assert "bell" not in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: "nonsense" not in shown(app))

    drive(one_server, tmp_path / "a.db", work, name="closer")


def test_a_text_for_somebody_else_leaves_a_trace(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as other:
            other.guest("名前")
            await write(pilot, "/msg 名前 привет")
            await until(pilot, lambda: "Written to 名前: привет" in shown(app))

    drive(one_server, tmp_path / "a.db", work, name="tracer")


def test_the_members_of_a_direct_chat_are_the_two(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as bob, Talker(one_server.port) as eve:
            bob.guest_fully("Иван")
            eve.guest_fully("eve")
            bob.ask("msg", to="pair", message="hi")
            await app.go_to("Иван")
            await pilot.press("f2")
            members = app.query_one("#members", OptionList)
            await until(pilot, lambda: members.option_count == 2)
            assert {option.id for option in members.options} == {"Иван", "pair"}

    drive(one_server, tmp_path / "a.db", work, name="pair", size=(120, 40))


def test_new_chats_and_rooms_are_suggested(one_server: RunningServer, tmp_path: Path) -> None:
    file = store_of(tmp_path, "chooser", "Борис", "名前")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: choices(app) == {"Борис", "名前"})
        app.screen.query_one(Input).value = "бор"
        await until(pilot, lambda: choices(app) == {"Борис", "бор"})
        await pilot.press("enter")
        await until(pilot, lambda: opened(app) == "Борис")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "#all" in choices(app))
        app.screen.query_one(Input).value = "новая"
        await until(pilot, lambda: choices(app) == {"#новая"})
        await pilot.press("enter")
        await until(pilot, lambda: opened(app) == "#новая")

    drive(one_server, file, work, name="chooser", password=PASSWORD)


def choices(app: MessengerApp) -> set[str]:
    if not isinstance(app.screen, Choose) or not app.screen.query(OptionList):
        return set()
    return {str(option.id) for option in app.screen.query_one(OptionList).options}


def test_a_search_shows_nothing_before_one_types_and_receipts_what_is_found(
    one_server: RunningServer, tmp_path: Path
) -> None:
    file = store_of(tmp_path, "finder", "Иван")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await pilot.pause()
        assert not app.screen.has_class("empty")
        app.screen.query_one(Input).value = "from"
        await until(pilot, lambda: len(choices(app)) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.view.found is not None)
        assert opened(app) == "Иван"
        await pilot.press("escape")
        assert app.view.found is None

    drive(one_server, file, work, name="finder")


def test_muted_conversations_do_not_count_as_unread(
    one_server: RunningServer, tmp_path: Path
) -> None:
    file = store_of(tmp_path, "muter", "Иван", is_read=False)
    store = Store(file)
    store.describe("Иван", muted_until=inf)
    store.close()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await until(pilot, lambda: "Иван" in app.conversations.rows)
        assert app.conversations.rows["Иван"].unread == 1
        assert "unread" not in label(app, "status")

    drive(one_server, file, work, name="muter")


def test_what_fails_is_said_and_the_screen_goes_on(
    one_server: RunningServer, tmp_path: Path
) -> None:
    def fail() -> None:
        raise KeyError("[red]\x1b[2J")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        app.in_thread(fail)
        app.call_later(fail)
        app.composer.call_later(fail)
        app.set_timer(0.01, fail)
        await until(pilot, lambda: app.failures == 4)
        assert "Something failed (KeyError)" in shown(app)
        await write(pilot, "goes on")
        await until(pilot, lambda: "goes on ✓" in shown(app))
        app.failures = 0

    drive(one_server, tmp_path / "a.db", work, name="failing")


def test_the_line_above_the_text_says_where_it_goes(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        assert "to #all · not encrypted" in label(app, "target")
        await write(pilot, "/join #名前")
        await until(pilot, lambda: "to #名前 ·" in label(app, "target"))
        assert app.query_one("#target", Static).size.height == 1
        await asyncio.to_thread(app.client.store.describe, "#名前", encrypted=True)
        app.take_summaries(await asyncio.to_thread(app.client.summaries, ["#名前"]))
        await until(pilot, lambda: "to #名前 · encrypted 🔒" in label(app, "target"))

    drive(one_server, tmp_path / "a.db", work, name="target")


def test_ctrl_c_says_how_one_leaves(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(MessengerApp, "notify", lambda _app, text, **_more: said.append(text))

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: said == ["Ctrl+Q leaves."])

    drive(one_server, tmp_path / "a.db", work, name="leaver")


def test_the_line_above_what_is_unread_goes_when_one_answers(
    one_server: RunningServer, tmp_path: Path
) -> None:
    file = store_of(tmp_path, "reader", "Иван", is_read=False)

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await app.go_to("Иван")
        await until(pilot, lambda: "─ unread ─" in shown(app))
        await write(pilot, "seen")
        await until(pilot, lambda: "seen" in shown(app) and "unread" not in shown(app))

    drive(one_server, file, work, name="reader")
