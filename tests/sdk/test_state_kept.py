"""A client's stored state is right, whatever a server sends, and whatever fails."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.jim.codec import decode_reply, encode
from messenger.jim.history import HistoryPage
from messenger.jim.messages import Message
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, Store
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents
from messenger.sdk.store.rollback import is_another, last_in_common

ME, FRIEND = "Иван", "a/b%41 名前"


def came(seq: int, text: str, *, sender: str = FRIEND, device_id: str | None = None) -> Message:
    to = ME if sender == FRIEND else FRIEND
    return Message(float(seq), to, sender, text, "utf-8", seq, device_id)


# --- pages that contradict themselves -------------------------------------------------------------


def test_a_number_that_a_page_has_twice_is_given_to_the_message_that_was_on_its_way() -> None:
    store = Store()
    store.add_unsent(FRIEND, ME, "mine", "id 1", 1.0)

    page = [came(1, "mine", sender=ME, device_id="id 1"), came(1, "another", device_id="id 2")]
    store.add_received(FRIEND, ME, page)

    (kept,) = store.page(FRIEND)
    assert (kept.text, kept.seq, kept.state) == ("mine", 1, MessageState.SENT)


pages = st.lists(
    st.builds(
        came,
        st.integers(1, 4),
        st.just("text 😀"),
        sender=st.sampled_from([ME, FRIEND]),
        device_id=st.sampled_from(["id 1", "id 2", "id 3", None]),
    ),
    max_size=6,
)


@settings(max_examples=30)
@given(st.lists(pages, max_size=3))
def test_no_page_is_refused_and_each_number_is_one_message(received: list[list[Message]]) -> None:
    store = Store()
    for device_id in ("id 1", "id 2"):
        store.add_unsent(FRIEND, ME, "mine", device_id, 1.0)

    for page in received:
        store.add_received(FRIEND, ME, page)

    numbers = [message.seq for message in store.page(FRIEND) if message.seq]
    assert sorted(numbers) == sorted({message.seq for page in received for message in page})
    store.close()


def test_only_a_damaged_database_is_called_damaged() -> None:
    store = Store()

    with (
        pytest.raises(StoreUnusable, match="cannot be used now: UNIQUE constraint") as refused,
        store.transaction() as connection,
    ):
        connection.exec_driver_sql("INSERT INTO contacts VALUES ('Иван'), ('Иван')")

    assert "damaged" not in str(refused.value)


# --- messages without a time ----------------------------------------------------------------------


UNREADABLE = {"action": "msg", "time": "x", "to": ME, "from": FRIEND, "message": [], "seq": 2}


def history_with(second: dict[str, object]) -> list[Message]:
    first = {"action": "msg", "time": 5.0, "to": ME, "from": FRIEND, "message": "hi", "seq": 1}
    frame = {"response": 200, "conversation": FRIEND, "messages": [first, second], "last": 2}
    return decode_reply(json.dumps(frame).encode(), HistoryPage).messages


@pytest.mark.parametrize("second", [UNREADABLE, {**UNREADABLE, "time": 0, "message": "text"}])
def test_a_message_without_a_time_is_the_same_one_when_it_comes_again(
    second: dict[str, object],
) -> None:
    store = Store()
    page = history_with(second)
    store.add_received(FRIEND, ME, page)

    again = history_with(second)

    with store.transaction() as connection:
        assert not any(is_another(connection, FRIEND, message) for message in again)
        assert last_in_common(connection, FRIEND, again) == 2
    assert store.page(FRIEND)[1].time > 0


def test_a_message_that_could_not_be_decoded_is_the_same_one_for_a_later_version() -> None:
    store = Store()
    store.add_received(FRIEND, ME, history_with(UNREADABLE))

    (_first, decoded) = history_with({**UNREADABLE, "time": 6.0, "message": "readable now"})
    (_first, others) = history_with({**UNREADABLE, "from": "名前", "time": 6.0, "message": "?"})

    with store.transaction() as connection:
        assert not is_another(connection, FRIEND, decoded)
        assert is_another(connection, FRIEND, others)


def test_an_encrypted_message_without_a_time_keeps_what_the_server_said_of_it() -> None:
    store = Store()
    keys = KeyStore(store)
    encrypted = Message(0, ME, FRIEND, "{}", MEGOLM, 1, "id 1")

    def wait(_conversation: str, found: Sequence[Message]) -> list[Contents]:
        return [Contents("", MessageSecurity.WAITING, "session", encode(one)) for one in found]

    store.add_received(FRIEND, ME, [encrypted], wait)
    (waiting,) = keys.waiting_for("session")
    keys.settle(
        waiting.message, Contents("text", MessageSecurity.ENCRYPTED, "session", time=7.0), ME
    )

    with store.transaction() as connection:
        assert not is_another(connection, FRIEND, encrypted)
    assert store.page(FRIEND)[0].time == 7.0


# --- threads that read while another writes -------------------------------------------------------


def test_a_thread_that_reads_an_identity_never_covers_what_is_decided_meanwhile() -> None:
    """A user's thread is stopped after reading, and continues when another one has written."""
    keys = KeyStore(Store())
    before, after = Secret(FRIEND).identity, Secret(FRIEND).identity
    keys.trust(before, IdentityTrust.VERIFIED)
    transaction, has_read, may_go_on = keys.transaction, threading.Event(), threading.Event()

    @contextmanager
    def stopped_behind() -> Iterator[Connection]:
        with transaction() as connection:
            yield connection
        if threading.current_thread() is user:
            has_read.set()
            may_go_on.wait(30)

    keys.transaction = stopped_behind
    user = threading.Thread(target=keys.identity_of, args=[FRIEND])
    user.start()
    assert has_read.wait(30)
    keys.trust(after, IdentityTrust.CHANGED)
    may_go_on.set()
    user.join()

    assert keys.identity_of(FRIEND) == (after, IdentityTrust.CHANGED)
