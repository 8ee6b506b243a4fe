"""A message that is sent again, or put elsewhere in the log, is not shown as what it was."""

from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.messages import Message
from messenger.sdk.encryption.replays import NO_NUMBER, without_replays
from messenger.sdk.store import MessageSecurity, Store
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents

SESSION = "a session"


def shown(keys: KeyStore, *places: tuple[int, int]) -> list[bool]:
    """Show messages of a session by (position, number); tell which are taken for what they say."""
    messages = [Message(1, "Иван", "名前", "sealed", seq=seq) for _position, seq in places]
    found = [
        (Contents("hi", MessageSecurity.ENCRYPTED, SESSION), position) for position, _seq in places
    ]
    return [
        one.security is not MessageSecurity.INVALID
        for one in without_replays(keys, messages, found)
    ]


def store() -> KeyStore:
    return KeyStore(Store())


@given(st.lists(st.integers(1, 50), unique=True, max_size=10), st.randoms())
def test_what_stands_in_the_order_of_its_session_is_shown_in_any_order_of_pages(
    numbers: list[int], chance: "object"
) -> None:
    places = list(enumerate(sorted(numbers)))
    chance.shuffle(places)  # type: ignore[attr-defined]
    keys = store()

    assert all(shown(keys, *places))
    assert all(shown(keys, *places))  # the same again is the same


def test_a_replay_at_another_place_is_forged() -> None:
    keys = store()

    assert shown(keys, (0, 5), (0, 9)) == [True, False]
    assert shown(keys, (0, 7)) == [False]


def test_what_was_written_later_does_not_come_earlier() -> None:
    keys = store()

    assert shown(keys, (3, 10)) == [True]
    assert shown(keys, (4, 9)) == [False]
    assert shown(keys, (2, 11)) == [False]
    assert shown(keys, (2, 8)) == [True]


def test_at_no_place_of_the_log_it_could_be_shown_again_and_again() -> None:
    assert shown(store(), (0, 0)) == [False]


def test_what_the_server_has_forgotten_is_taken_once() -> None:
    keys = store()

    assert shown(keys, (0, NO_NUMBER), (0, NO_NUMBER)) == [True, False]
    assert shown(keys, (1, 5)) == [True]


def test_what_could_not_be_opened_is_passed_on() -> None:
    assert shown(store(), (-1, 5), (-1, 5)) == [True, True]
