"""Who is typing: each notice has an end, whatever its sender and the server do."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.messages import Message, TypingNotice
from messenger.sdk.events import CoreEvent
from messenger.sdk.typing import TypingPeople

ME = "Анна"
PEOPLE, ROOMS = st.sampled_from("абв"), st.sampled_from("xy")


def notice(who: str, where: str, *, stopped: bool = False) -> TypingNotice:
    return TypingNotice(conversation=where, from_=who, stopped=stopped)


def told(events: list[CoreEvent]) -> list[tuple[str, str, bool]]:
    found = [one for one in events if isinstance(one, TypingNotice)]
    return [(one.from_, one.conversation, one.stopped) for one in found]


def test_everybody_who_types_is_known_where_they_type() -> None:
    typing = TypingPeople(lambda _: None)

    typing.take(notice("Иван", "#кафе"), 1)
    typing.take(notice("名前", "#кафе"), 2)
    typing.take(notice("a/b%41", "a/b%41"), 3)

    assert typing.in_conversation("#кафе") == ["Иван", "名前"]
    assert typing.conversations() == {"#кафе", "a/b%41"}
    assert typing.in_conversation("名前") == []


def test_a_notice_is_told_once_while_it_holds() -> None:
    events: list[CoreEvent] = []
    typing = TypingPeople(events.append)

    for second in range(0, 20, 4):
        typing.take(notice("Иван", "Иван"), second)
        typing.tick(second + 1)

    assert told(events) == [("Иван", "Иван", False)]


def test_a_notice_that_nothing_follows_ends_by_itself() -> None:
    events: list[CoreEvent] = []
    typing = TypingPeople(events.append)
    typing.take(notice("Иван", "#кафе"), 100)

    typing.tick(105.9)
    assert typing.in_conversation("#кафе") == ["Иван"]
    typing.tick(106)

    assert typing.in_conversation("#кафе") == []
    assert told(events) == [("Иван", "#кафе", False), ("Иван", "#кафе", True)]


def test_the_message_that_was_typed_ends_it_but_not_that_of_others() -> None:
    events: list[CoreEvent] = []
    typing = TypingPeople(events.append)
    typing.take(notice("Иван", "#кафе"), 1)
    typing.take(notice("名前", "#кафе"), 1)

    typing.arrived([Message(time=0, to="#кафе", from_="Иван", message="привет")], ME)
    typing.arrived([Message(time=0, to=ME, from_="名前", message="a direct one")], ME)

    assert typing.in_conversation("#кафе") == ["名前"]
    assert told(events)[-1] == ("Иван", "#кафе", True)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("take"), PEOPLE, ROOMS, st.booleans()),
            st.tuples(st.just("arrived"), PEOPLE, ROOMS),
            st.tuples(st.just("tick"), st.integers(0, 7)),
        )
    )
)
def test_what_is_told_is_what_is_known_and_all_of_it_ends(steps: list[tuple[Any, ...]]) -> None:
    events: list[CoreEvent] = []
    typing = TypingPeople(events.append)
    now = 0.0
    for kind, *values in steps:
        if kind == "take":
            who, where, stopped = values
            typing.take(notice(who, f"#{where}", stopped=stopped), now)
        elif kind == "arrived":
            typing.arrived([Message(time=0, to=f"#{values[1]}", from_=values[0], message="")], ME)
        else:
            now += values[0]
            typing.tick(now)
        shown: set[tuple[str, str]] = set()
        for who, where, stopped in told(events):
            assert ((who, where) in shown) is stopped  # never twice, nor the end of nothing
            (shown.remove if stopped else shown.add)((who, where))
        assert {where for _who, where in shown} == typing.conversations()

    typing.forget()

    assert typing.conversations() == set()
    assert sum(not stopped for *_, stopped in told(events)) * 2 == len(told(events))
