"""Blocked people: their messages in rooms are hidden, and commands block and report them."""

from pathlib import Path

import pytest

from messenger.jim.base import Reply, Request
from messenger.jim.blocks import Block, Blocks, GetBlocks, Unblock
from messenger.jim.errors import NotFound
from messenger.jim.reports import Report
from messenger.sdk.profiles import Preferences
from messenger.ui.attention import Alert, Attention
from messenger.ui.blocked import is_hidden, masked
from messenger.ui.commands.arguments import Usage, quoted
from messenger.ui.conversation_lines import preview_of
from messenger.ui.reports import messages_to_show, place_of
from messenger.ui.timeline import Shown, Timeline
from messenger.ui.wording import message_text, shown_name
from tests.in_process import Users
from tests.sdk.in_memory import InMemoryClient
from tests.sdk.person import Names
from tests.ui.answers import Answering
from tests.ui.offline import Offline
from tests.ui.online import At, Online
from tests.ui.samples import message, row

ROOM, BORIS = "#кафе", "Борис"
THEIRS = message("грубость", conversation=ROOM, sender=BORIS)
HIDDEN = "(hidden: you have blocked the sender)"


def test_what_a_blocked_user_writes_in_a_room_is_hidden_and_nothing_else() -> None:
    assert is_hidden(THEIRS, {BORIS})
    assert message_text(masked(THEIRS, {BORIS})) == HIDDEN
    assert masked(THEIRS, ()) is THEIRS
    assert masked(THEIRS, {"Анна"}) is THEIRS
    direct = THEIRS._replace(conversation=BORIS)
    assert masked(direct, {BORIS}) is direct


def test_a_timeline_hides_and_shows_again() -> None:
    timeline = Timeline("Анна")
    timeline.open([THEIRS, message("мой", id=2, conversation=ROOM, sender="Анна", seq=8)], None)

    def texts() -> list[str]:
        return [message_text(one.message) for one in timeline.items() if isinstance(one, Shown)]

    timeline.blocked = frozenset({BORIS})
    assert texts() == [HIDDEN, "мой"]
    timeline.blocked = frozenset()
    assert texts() == ["грубость", "мой"]


def test_a_hidden_message_alerts_nobody_and_a_list_does_not_show_it() -> None:
    attention = Attention(Preferences, blocked=lambda: {BORIS})
    there = row(ROOM, last=THEIRS)

    assert attention.alert(THEIRS, there, is_open=False, has_focus=False) == Alert()
    assert attention.alert(message(), None, is_open=False, has_focus=True) == Alert(sound=True)
    assert HIDDEN in preview_of(ROOM, there, "Анна", blocked={BORIS}).text
    assert preview_of(ROOM, there, "Анна").text == "грубость"


# --- commands ------------------------------------------------------------------------------------


def anna(data: Path, *, agrees: bool = True) -> Offline:
    """Return a user who is online, in a room where Boris has written."""
    client = InMemoryClient("Анна")
    client.answers |= {GetBlocks: lambda _: Blocks(200, blocked=[BORIS])}
    client.come_online()
    user = Offline(data, Answering(agrees=agrees), "Анна", client)
    user.current = ROOM
    return user


def asked(user: Offline) -> list[Request[Reply]]:
    assert isinstance(user.client, InMemoryClient)
    return user.client.asked


@pytest.mark.parametrize(
    ("command", "request_", "said"),
    [
        (f"/block {BORIS}", Block(account_name=BORIS), f"{BORIS} is blocked"),
        (f"/unblock {BORIS}", Unblock(account_name=BORIS), f"{BORIS} is unblocked"),
        ("/blocked", GetBlocks(), BORIS),
        (
            f"/report {BORIS} спамит",
            Report(account_name=BORIS, room=ROOM, reason="спамит"),
            "The administrators will see your report",
        ),
        (
            f"/report {ROOM} 5 всё плохо",
            Report(room=ROOM, reason="всё плохо"),
            "The administrators will see your report",
        ),
    ],
)
def test_a_command_asks_the_server_once_and_says_what_it_has_done(
    tmp_path: Path, command: str, request_: Request[Reply], said: str
) -> None:
    user = anna(tmp_path)

    (line,) = user.run(command)

    assert asked(user) == [request_]
    assert line.startswith(said)


def test_nobody_is_reported_without_consent(tmp_path: Path) -> None:
    user = anna(tmp_path, agrees=False)

    assert user.run(f"/report {BORIS} спамит") == []
    assert asked(user) == []
    assert isinstance(user.prompter, Answering)
    assert user.prompter.asked == [
        "The administrators will see your name, this reason, and 0 messages. Report Борис?"
    ]


@pytest.mark.parametrize(
    "line",
    ["/block", "/unblock", "/report", f"/report {BORIS}", f"/report {BORIS} 3", "/report x 21 y"],
)
def test_a_command_without_what_it_needs_says_how_it_is_written(tmp_path: Path, line: str) -> None:
    user = anna(tmp_path)

    with pytest.raises(Usage):
        user.run(line)
    assert asked(user) == []


def test_nobody_is_blocked_at_first(tmp_path: Path) -> None:
    user = anna(tmp_path)
    assert isinstance(user.client, InMemoryClient)
    user.client.answers[GetBlocks] = lambda _: Blocks(200)

    assert user.run("/blocked") == ["You have blocked nobody."]


def test_the_last_messages_of_whoever_is_reported_are_shown(
    user: Users, name: Names, at: At, ivan: Online
) -> None:
    bob, reporter = user(name("bob")), at(user(name("ann")), agrees=True)
    for text in ("раз", "два", "три"):
        bob.say(reporter.me, text)
    reporter.current = bob.name

    lines = reporter.run(f"/report {quoted(bob.name)} 2 спамит")

    assert [line.rpartition(" ")[2] for line in lines[:2]] == ["два", "три"]
    assert lines[2] == "The administrators will see your report"
    with pytest.raises(NotFound):
        reporter.run("/report nobody%41 спамит")
    assert reporter.run(f"/block {quoted(bob.name)}")[0].startswith(shown_name(bob.name))
    assert ivan.run("/blocked") == ["You have blocked nobody."]


def test_messages_to_show_are_those_of_whoever_is_reported(
    user: Users, name: Names, at: At
) -> None:
    room, bob, reporter = name("#room"), user(name("bob")), user(name("ann"))
    for one in (reporter, bob):
        one.join(room, encrypted=False)
    reporter.say(room, "моё")
    for text in ("раз", "два"):
        bob.say(room, text)

    def shown(who: str, count: int = 9) -> list[str]:
        found = messages_to_show(reporter.store, who, place_of(who, room), count)
        return [one.text for one in found]

    assert shown(bob.name) == shown(room) == ["раз", "два"]
    assert shown(room, 1) == ["два"]
    assert shown(bob.name, 0) == shown("nobody") == []
    assert place_of(BORIS, "Анна") == BORIS
    assert place_of("#другая", room) == "#другая"
