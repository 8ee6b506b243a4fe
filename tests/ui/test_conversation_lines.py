"""A row of the list says who said what last and when, who is typing, and what is not sent yet."""

import time
from math import inf

from messenger.sdk.results import Person
from messenger.sdk.store import IdentityTrust, MessageState
from messenger.ui.conversation_lines import (
    PreviewKind,
    presence_text,
    preview_of,
    short_count,
    short_time,
    spoken,
)
from tests.ui.samples import message, row

ME = "Иван"


def at(day: str, clock: str = "12:00") -> float:
    return time.mktime(time.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M"))


def test_the_preview_names_the_sender_in_a_room_and_the_user_everywhere() -> None:
    in_room = row("#кафе", last=message("чай?", sender="Мария"))
    direct = row("Мария", last=message("чай?", sender="Мария"))
    own = row("Мария", last=message("да", sender=ME, state=MessageState.SENT))

    assert preview_of("#кафе", in_room, ME).line == "Мария: чай?"
    assert preview_of("Мария", direct, ME).line == "чай?"
    assert preview_of("Мария", own, ME).line == "You: да"


def test_a_draft_replaces_the_last_message_but_where_it_is_being_written() -> None:
    found = row("Мария", draft="давай\nтак", last=message("чай?", sender="Мария"))

    draft = preview_of("Мария", found, ME)

    assert (draft.kind, draft.line) == (PreviewKind.DRAFT, "Draft: давай так")
    assert preview_of("Мария", found, ME, is_open=True).line == "чай?"


def test_who_is_typing_replaces_all_else() -> None:
    found = row("#кафе", draft="x")

    assert preview_of("Мария", None, ME, ["Мария"]).text == "typing…"
    assert preview_of("#кафе", found, ME, ["Мария"]).text == "Мария is typing…"
    assert preview_of("#кафе", found, ME, ["Мария", "bob"]).text == "2 are typing…"


def test_an_empty_conversation_shows_its_topic_or_nothing() -> None:
    assert preview_of("#кафе", row("#кафе", topic="чай и торт"), ME).line == "чай и торт"
    assert preview_of("#all", None, ME).line == ""


def test_a_preview_is_one_short_line_without_control_characters() -> None:
    found = row("bob", last=message("a\n\n b\x1b[31m" + "x" * 100_000))

    shown = preview_of("bob", found, ME).text

    assert shown.startswith("a b␛[31mx")
    assert len(shown) < 300


def test_the_time_is_the_hour_today_and_the_day_before() -> None:
    now = at("2026-03-12", "00:30")

    assert short_time(at("2026-03-12", "00:05"), now) == "00:05"
    assert short_time(at("2026-03-11", "23:59"), now) == "Yesterday"
    assert short_time(at("2026-03-06"), now) == "Fri"
    assert short_time(at("2026-03-05"), now) == "Mar 5"
    assert short_time(at("2025-03-12"), now) == "Mar 2025"
    assert short_time(at("2026-03-13"), now) == "Mar 13"  # a clock that is wrong
    for number in (1e300, -1e300, 6.7e16, -6.7e16, 3e11):  # years of up to ten digits
        assert short_time(number, now) == ""


def test_presence_says_when_somebody_was_there_last() -> None:
    assert presence_text(Person("bob", state="online", last_seen=1.0)) == "online"
    assert presence_text(Person("bob", last_seen=6.7e16)) == "offline"
    assert presence_text(Person("bob", state="away")) == "away"
    assert presence_text(Person("bob")) == "offline"
    assert presence_text(Person("bob", last_seen=at("2001-03-12"))) == "last seen Mar 2001"
    yesterday = time.time() - 24 * 60 * 60
    assert presence_text(Person("bob", last_seen=yesterday)) == "last seen yesterday"


def test_large_counts_fit_a_pill() -> None:
    assert [short_count(count) for count in (1, 999, 1000)] == ["1", "999", "999+"]


def test_all_that_is_shown_is_said() -> None:
    found = row(
        "Мария",
        encrypted=True,
        trust=IdentityTrust.VERIFIED,
        person=Person("Мария", state="online"),
        unread=2,
        mentions=1,
        pinned=True,
        muted_until=inf,
        last=message("чай?", sender="Мария", time=at("2001-03-12"), stored=at("2001-03-12")),
    )

    said = spoken("Мария", found, preview_of("Мария", found, ME), ME, is_closed=False)

    assert said == (
        "Мария, online, 2 unread, you are mentioned, pinned, muted, encrypted, verified, чай?, "
        "Mar 2001"
    )


def test_the_state_of_an_own_message_and_a_closed_room_are_said() -> None:
    found = row("#кафе", last=message("да", sender=ME, state=MessageState.FAILED, stored=1.0))

    said = spoken("#кафе", found, preview_of("#кафе", found, ME), ME, is_closed=True)

    assert said.startswith("#кафе, closed for good, You: да, ")
    assert said.endswith(", not sent")
    assert spoken("#all", None, preview_of("#all", None, ME), ME, is_closed=False) == "#all"
