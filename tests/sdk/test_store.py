"""The client's database: messages are stored in order, each once (R23)."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.jim.messages import Message
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import MessageState, Store
from messenger.sdk.store.engine import key_beside, set_key
from messenger.sdk.store.fulltext import fold
from messenger.sdk.store.sent_messages import Committed


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "ann.db")


def received(seq: int, text: str = "", sender: str = "bob") -> Message:
    return Message(time=seq, to="ann", from_=sender, message=text or str(seq), seq=seq)


def texts(store: Store, conversation: str = "bob") -> list[str]:
    return [message.text for message in store.page(conversation)]


def test_r23_history_and_contacts_outlive_the_program(tmp_path: Path) -> None:
    store = Store(tmp_path / "ann.db")
    store.set_contacts(["bob", "eve"])
    store.add_received("bob", "ann", [received(1, "hi")])
    store.add_unsent("bob", "ann", "hello", "id1", 2.0)
    store.put("token", "secret")
    store.close()

    store = Store(tmp_path / "ann.db")
    assert store.contacts() == ["bob", "eve"]
    assert texts(store) == ["hi", "hello"]
    assert store.get("token") == "secret"


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    Store(tmp_path / "ann.db").close()

    assert stat.S_IMODE((tmp_path / "ann.db").stat().st_mode) == 0o600


def test_a_message_goes_through_its_states(store: Store) -> None:
    sent = store.add_unsent("bob", "ann", "hi", "id1", 1.0)
    assert sent.state is MessageState.UNSENT
    assert store.unsent(sent.conversation, 2) == [sent]

    [changed], has_lost = store.set_sent("bob", [Committed("id1", 1)])
    assert not has_lost
    assert (changed.state, changed.seq) == (MessageState.SENT, 1)
    assert store.unsent(sent.conversation, 2) == []

    (delivered,) = store.set_receipts("bob", 1, 0)
    assert delivered.state is MessageState.DELIVERED
    (read,) = store.set_receipts("bob", 1, 1)
    assert read.state is MessageState.READ
    assert store.set_receipts("bob", 1, 1) == []


def test_a_message_that_is_refused_says_why(store: Store) -> None:
    store.add_unsent("bob", "ann", "hi", "id1", 1.0)

    failed = store.set_failed("id1", "There is no user bob")

    assert failed is not None
    assert (failed.state, failed.reason) == (MessageState.FAILED, "There is no user bob")
    assert store.count_unsent() == 0


def test_an_own_message_that_comes_back_is_not_another(store: Store) -> None:
    store.add_unsent("bob", "ann", "hi", "id1", 1.0)
    back = Message(time=1, to="bob", from_="ann", message="hi", seq=1, id="id1")

    assert store.add_received("bob", "ann", [back]) == []
    store.set_sent("bob", [Committed("id1", 1)])

    assert texts(store) == ["hi"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(1, 12), max_size=5), max_size=8))
def test_whatever_comes_twice_is_there_once_and_in_order(batches: list[list[int]]) -> None:
    store = Store()
    told = []
    for batch in batches:
        told += store.add_received("bob", "ann", [received(seq) for seq in batch])

    everything = {seq for batch in batches for seq in batch}
    assert [message.seq for message in store.page("bob")] == sorted(everything)
    assert sorted(message.seq or 0 for message in told) == sorted(everything)
    store.close()


def test_history_is_paged_backwards(store: Store) -> None:
    store.add_received("bob", "ann", [received(seq) for seq in range(1, 8)])
    store.add_unsent("bob", "ann", "unsent", "id1", 9.0)

    last = store.page("bob", limit=3)
    before = store.page("bob", before=last[0], limit=3)

    assert [message.text for message in before + last] == ["3", "4", "5", "6", "7", "unsent"]


def test_unread_is_what_others_wrote_after_the_read_marker(store: Store) -> None:
    store.add_received("bob", "ann", [received(1), received(2), received(3, sender="ann")])
    store.describe("bob", read=1)

    row = store.summary("bob")

    assert row is not None
    assert row.unread == 1


def test_receipts_never_go_back(store: Store) -> None:
    store.describe("bob", read=5, delivered=6)
    store.describe("bob", read=2, delivered=3)

    row = store.summary("bob")

    assert row is not None
    assert (row.read, row.delivered) == (5, 6)


def test_the_conversation_with_the_latest_message_comes_first(store: Store) -> None:
    store.add_received("bob", "ann", [received(1)])
    store.add_received("eve", "ann", [received(2, sender="eve")])

    assert [row.name for row in store.summaries()] == ["eve", "bob"]


def test_search_takes_letters_that_are_read_alike_for_the_same(store: Store) -> None:
    store.add_received("bob", "ann", [received(1, "Отчёт готов"), received(2, "ﬁne, STRASSE")])

    assert [message.seq for message in store.search("отчет")] == [1]
    assert [message.seq for message in store.search("ОТЧЁТ")] == [1]
    assert [message.seq for message in store.search("FINE")] == [2]
    assert [message.seq for message in store.search("straße")] == [2]


def test_search_finds_the_latest_first_and_only_where_it_is_asked(store: Store) -> None:
    for name in ("bob", "eve"):
        store.add_received(name, "ann", [received(seq, "so it is", name) for seq in (1, 2, 3)])

    found = store.search("it is", limit=4)
    assert [(one.conversation, one.seq) for one in found] == [
        ("eve", 3), ("eve", 2), ("eve", 1), ("bob", 3),
    ]  # fmt: skip
    assert len(store.search("it", conversation="bob")) == 3
    assert len(store.search("it is", conversation="bob")) == 3


@pytest.mark.parametrize("words", ['"', "a OR b", "NEAR(", "*", "%", "_", "\x00abc", "text:x"])
def test_what_is_searched_for_is_never_taken_for_a_query(store: Store, words: str) -> None:
    store.add_received("bob", "ann", [received(1, "nothing of the kind")])

    assert store.search(words) == []


@given(st.text(), st.data())
@settings(max_examples=50)
def test_any_part_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    store = Store()
    store.add_received("bob", "ann", [received(1, text or "-")])
    start = data.draw(st.integers(0, len(text)))
    part = text[start : data.draw(st.integers(start, len(text)))]

    # Folding may join what a cut has parted (a letter and its accent): only whole ones are found.
    if fold(part) in fold(text):
        assert store.search(part)


def test_a_database_without_an_index_gets_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "ann.db")
    store.add_received("bob", "ann", [received(1, "Привет"), received(2, "other")])
    with store.transaction() as connection:
        for name in ("removed", "rewritten"):
            connection.exec_driver_sql(f"DROP TRIGGER messages_{name}")
        connection.exec_driver_sql("DROP TABLE messages_fulltext")
        connection.exec_driver_sql("PRAGMA user_version=1")
    store.close()

    store = Store(tmp_path / "ann.db")
    assert [message.seq for message in store.search("привет")] == [1]


@pytest.mark.parametrize("words", ["привет", "ПРИВЕТ", "Прив", "вет, 100%"])
def test_search_finds_in_any_case_and_alphabet(store: Store, words: str) -> None:
    store.add_received("bob", "ann", [received(1, "Привет, 100% мир"), received(2, "other")])

    assert [message.text for message in store.search(words)] == ["Привет, 100% мир"]


def test_a_conversation_may_begin_late(store: Store) -> None:
    store.begin_at("#room", 900)
    assert store.synced("#room") == 900

    store.add_received("#room", "ann", [received(901)])

    assert store.synced("#room") == 901


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "ann.db").write_bytes(b"no database" * 1000)

    with pytest.raises(StoreUnusable, match="move the database away"):
        Store(tmp_path / "ann.db")


def test_a_damaged_database_is_told_from_one_that_another_client_uses(tmp_path: Path) -> None:
    import sqlcipher3.dbapi2 as sqlite

    file = tmp_path / "ann.db"
    Store(file).close()
    other = sqlite.connect(str(file), isolation_level=None)
    set_key(other, key_beside(file))
    other.execute("PRAGMA user_version=0")  # opening it writes something
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnusable, match="locked"):
        Store(file)
    other.close()
    content = bytearray(file.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    file.write_bytes(content)

    with pytest.raises(StoreUnusable, match="restore it from a backup"):
        Store(file).summaries()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    import sqlcipher3.dbapi2 as sqlite

    Store(tmp_path / "ann.db").close()
    made = sqlite.connect(str(tmp_path / "ann.db"))
    set_key(made, key_beside(tmp_path / "ann.db"))
    made.execute("PRAGMA user_version=99")
    made.close()

    with pytest.raises(StoreUnusable, match="newer"):
        Store(tmp_path / "ann.db")


def test_a_message_without_a_number_that_comes_again_is_stored_once(store: Store) -> None:
    """Only a lying server sends no number: it repeats an own message."""
    mine = store.add_unsent("名前", "Иван", "привет", "id 1", 1.0)
    assert store.set_sent("名前", [Committed("id 1", 7)])[0]
    again = Message(time=1, to="名前", from_="Иван", message="привет", id="id 1")

    assert store.add_unnumbered("名前", "Иван", again) is None
    assert [message.id for message in store.page("名前")] == [mine.id]


def test_an_interrupt_between_two_steps_of_a_transaction_leaves_a_store_that_keeps(
    tmp_path: Path,
) -> None:
    """Ctrl+C may come between the driver's BEGIN and SQLAlchemy's own note of it."""
    store = Store(tmp_path / "a.db")
    store._driver.execute("BEGIN")

    store.put("later", "kept")
    store.close()

    assert Store(tmp_path / "a.db").get("later") == "kept"


def test_a_connection_that_an_interrupt_has_ended_is_made_anew(tmp_path: Path) -> None:
    """SQLAlchemy discards a connection on which a statement was interrupted."""
    store = Store(tmp_path / "a.db")
    store.put("before", "kept")
    store._connection.invalidate()

    assert store.get("before") == "kept"
    store.put("later", "kept")
    assert store.get("later") == "kept"
    store.close()
