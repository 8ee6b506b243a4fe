"""Messages that are queued while a transaction runs: it finds them, and none is lost with it."""

from contextlib import suppress

from messenger.sdk.store import Store

BOB, ME = "名前", "Иван"


def queue(store: Store, text: str) -> None:
    """Do what another thread may do at any moment: this needs no lock of the database."""
    store.queue_unsent(BOB, ME, text, f"id of {text}", 5.0)


def unsent(store: Store) -> list[str]:
    return [one.text for one in store.unsent(BOB, 9)]


class Undone(Exception):
    """Ends a block."""


def test_a_transaction_finds_what_is_queued_after_its_beginning() -> None:
    store = Store()
    queue(store, "before")

    with store.transaction():
        queue(store, "meanwhile")
        assert unsent(store) == ["before", "meanwhile"]
        queue(store, "later")
        assert unsent(store) == ["before", "meanwhile", "later"]

    assert store._queued == []
    assert unsent(store) == ["before", "meanwhile", "later"]
    assert [one.text for one in store.search("meanwhile")] == ["meanwhile"]


def test_what_no_query_of_the_transaction_has_written_stays_queued() -> None:
    store = Store()

    with store.transaction():
        queue(store, "meanwhile")

    assert len(store._queued) == 1
    assert unsent(store) == ["meanwhile"]


def test_a_transaction_that_is_undone_loses_nothing_that_was_queued_meanwhile() -> None:
    store = Store()

    with suppress(Undone), store.transaction():
        queue(store, "meanwhile")
        assert unsent(store) == ["meanwhile"]
        raise Undone

    assert unsent(store) == ["meanwhile"]
    assert [one.text for one in store.search("meanwhile")] == ["meanwhile"]


def test_a_part_of_a_batch_that_is_undone_loses_nothing_that_was_queued_meanwhile() -> None:
    store = Store()

    with store.batch():
        queue(store, "before")
        assert unsent(store) == ["before"]
        with suppress(Undone), store.transaction():
            queue(store, "meanwhile")
            assert unsent(store) == ["before", "meanwhile"]
            raise Undone
        assert unsent(store) == ["before", "meanwhile"]

    assert store._queued == []
    assert unsent(store) == ["before", "meanwhile"]
    assert [one.text for one in store.search("meanwhile")] == ["meanwhile"]
