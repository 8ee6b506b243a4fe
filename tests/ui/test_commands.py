"""Commands that need no server: how they are written, what they answer."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.sdk.store import MessageState
from messenger.ui.commands import COMMANDS
from messenger.ui.commands.arguments import Usage, name_and_text, one, quoted, room
from tests.ui.answers import Answering
from tests.ui.offline import Offline

NAMES = ("Dave", "Dave Smith", "a/b%41", "名前", "𝕯" * 25)


@pytest.fixture
def ivan(tmp_path: Path) -> Offline:
    return Offline(tmp_path)


def test_the_help_has_every_command_in_the_order_of_the_table(ivan: Offline) -> None:
    assert ivan.run("/help") == [entry.usage for entry in COMMANDS.values()]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(ivan: Offline, name: str) -> None:
    assert ivan.run(f"/help {name}") == [COMMANDS[name].help]


def test_commands_are_found_in_any_case(ivan: Offline) -> None:
    assert ivan.run("/HELP quit") == ivan.run("/help QUIT")


def test_a_command_that_there_is_not_says_which_one_was_meant_and_how_to_write_it(
    ivan: Offline,
) -> None:
    with pytest.raises(Usage, match="//hstory") as told:
        ivan.run("/hstory")

    assert "Did you mean: /history" in str(told.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_text_for_somebody_is_written_to_them(ivan: Offline, name: str) -> None:
    ivan.run(f"/msg {quoted(name)} привет, мир")

    assert [(one.conversation, one.text) for one in ivan.written] == [(name, "привет, мир")]


@pytest.mark.parametrize("name", NAMES)
def test_without_a_text_the_conversation_is_opened(ivan: Offline, name: str) -> None:
    ivan.run(f"/msg {quoted(name)}")

    assert ivan.opened == [name]


def test_a_search_tells_when_it_shows_only_the_latest(ivan: Offline) -> None:
    for number in range(21):
        ivan.client.store.add_unsent("名前", "Иван", f"чай {number}", f"id {number}", number)

    *found, count = ivan.run("/search чай")
    assert [line.endswith("чай 1  [queued]") for line in found] == [True] + [False] * 19
    assert count == "These are the latest 20. More words find fewer."
    assert ivan.run("/search чай 7")[-1] == "1 message"


def test_a_name_with_spaces_that_is_known_needs_no_quotation_receipts(ivan: Offline) -> None:
    ivan.client.store.set_contacts(["Dave", "Dave Smith"])

    assert name_and_text(ivan, "Dave Smith hi") == ("Dave Smith", "hi")
    assert name_and_text(ivan, "Dave hi") == ("Dave", "hi")
    assert name_and_text(ivan, "Dave Smithers") == ("Dave", "Smithers")


@given(st.text(min_size=1).filter(lambda name: name.strip() == name and '"' not in name))
def test_a_quoted_name_is_one_argument(name: str) -> None:
    assert one(quoted(name)) == name


def test_a_room_is_named_with_or_without_its_sign(ivan: Offline) -> None:
    assert room(ivan, "кафе") == room(ivan, "#кафе") == "#кафе"
    assert room(ivan, "#") == "#all"


def test_a_command_for_rooms_says_so_elsewhere(ivan: Offline) -> None:
    ivan.current = "Вера"

    with pytest.raises(Usage, match="This is for rooms"):
        room(ivan, "")


@pytest.mark.parametrize("line", ["/msg", "/add", "/history many", "/plain on", "/verify #dev"])
def test_a_command_that_is_written_wrong_says_how_it_is_written(ivan: Offline, line: str) -> None:
    with pytest.raises(Usage) as told:
        ivan.run(line)

    assert str(told.value).startswith(line.split(maxsplit=1)[0])


def test_a_conversation_is_muted_and_unmuted(ivan: Offline) -> None:
    assert ivan.run("/mute") == ["#all is muted"]
    assert ivan.run("/mute") == ["#all is no longer muted"]
    for wrong in ("/mute Кто", "/pin Кто", "/mute Кто 8h"):
        with pytest.raises(Usage, match="There is no conversation Кто"):
            ivan.run(wrong)


@pytest.mark.parametrize(
    ("length", "seconds"), [("30m", 1800), ("8H", 28800), ("1d", 86400), ("2w", 1209600)]
)
def test_a_conversation_is_muted_for_a_time(ivan: Offline, length: str, seconds: int) -> None:
    for name, command in (("#all", "/mute"), ("Dave Smith", '/mute "Dave Smith"')):
        ivan.client.store.describe(name, topic="")
        now = time.time()
        assert " is muted until " in ivan.run(f"{command} {length}")[0]
        row = ivan.client.store.summary(name)
        assert row is not None
        assert now + seconds <= row.muted_until <= time.time() + seconds
        assert ivan.run(f"{command} off") == [f"{name} is no longer muted"]
        assert ivan.run(f"{command} off") == [f"{name} is no longer muted"]


def test_somebody_may_be_called_like_a_length_of_time(ivan: Offline) -> None:
    ivan.client.store.describe("8h", topic="")
    assert ivan.run("/mute 8h") == ["8h is muted"]


def test_a_conversation_is_pinned_and_unpinned(ivan: Offline) -> None:
    assert ivan.run("/pin") == ["#all is pinned"]
    row = ivan.client.store.summary("#all")
    assert row is not None
    assert row.pinned
    assert ivan.run("/pin #all") == ["#all is no longer pinned"]


def test_settings_are_shown_and_changed(ivan: Offline) -> None:
    assert ivan.run("/set bell off")[0].startswith("  bell = off")
    assert not ivan.preferences.bell
    assert ivan.run("/set bell 名前") == ["bell is one of: on, off"]


def test_an_export_has_what_was_written_and_takes_no_file_of_another(
    ivan: Offline, tmp_path: Path
) -> None:
    ivan.write("#all", "привет 🎈")
    file = tmp_path / "a b%41.jsonl"

    assert ivan.run(f"/export {file}") == [f"1 message is in {file}"]
    assert "привет 🎈" in file.read_text("utf-8")
    assert "exists already" in ivan.run(f"/export {file}")[0]


def test_everything_is_exported_in_order_however_much_there_is(ivan: Offline) -> None:
    texts = [f"{number} 🎈" for number in range(1100)]
    with ivan.client.store.transaction():
        for text in texts:
            ivan.client.store.add_unsent("#all", ivan.me, text, text, 0.0)

    assert [message.text for message in ivan.everything()] == texts


def test_a_message_that_failed_is_sent_again(ivan: Offline) -> None:
    ivan.write("#all", "名前")
    ivan.client.store.set_failed(ivan.written[0].sent_id or "", "no such room")

    assert ivan.run("/resend") == ["Sending it again."]
    assert ivan.client.store.page("#all")[-1].state is MessageState.UNSENT
    assert ivan.run("/resend") == ["No message has failed here."]


def test_who_does_not_agree_sends_nothing_unencrypted(tmp_path: Path) -> None:
    ivan = Offline(tmp_path, Answering(agrees=False))

    assert ivan.run("/plain") == []
    assert "unencrypted" in ivan.prompter.asked[0]  # type: ignore[attr-defined]
