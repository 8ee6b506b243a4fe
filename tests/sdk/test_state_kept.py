"""What a client keeps is right whatever a server says, and whatever fails meanwhile."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.jim.replies import Message
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import MessageState, Store

ME, FRIEND = "Иван", "a/b%41 名前"


def came(seq: int, text: str, *, sender: str = FRIEND, ident: str | None = None) -> Message:
    to = ME if sender == FRIEND else FRIEND
    return Message(float(seq), to, sender, text, "utf-8", seq, ident)


# --- pages that contradict themselves -------------------------------------------------------------


def test_a_number_that_a_page_has_twice_is_given_to_the_message_that_was_on_its_way() -> None:
    store = Store()
    store.add_unsent(FRIEND, ME, "mine", "id 1", 1.0)

    page = [came(1, "mine", sender=ME, ident="id 1"), came(1, "another", ident="id 2")]
    store.add_received(FRIEND, ME, page)

    (kept,) = store.page(FRIEND)
    assert (kept.text, kept.seq, kept.state) == ("mine", 1, MessageState.SENT)


pages = st.lists(
    st.builds(
        came,
        st.integers(1, 4),
        st.just("text 😀"),
        sender=st.sampled_from([ME, FRIEND]),
        ident=st.sampled_from(["id 1", "id 2", "id 3", None]),
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(st.lists(pages, max_size=3))
def test_no_page_is_refused_and_each_number_is_one_message(received: list[list[Message]]) -> None:
    store = Store()
    for ident in ("id 1", "id 2"):
        store.add_unsent(FRIEND, ME, "mine", ident, 1.0)

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
