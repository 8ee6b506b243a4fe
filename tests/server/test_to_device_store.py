"""The queue of a device is bounded, and no sender's to-device messages take more than a share."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, event, insert, update

from messenger.server.store import database
from messenger.server.store.schema import accounts, devices, to_device_messages
from messenger.server.store.to_device import Quota, add_to_device, inbox

QUOTA = Quota(max_count=12, max_of_sender=5, max_bytes_of_sender=40)
DEVICE_IDS = ("телефон", "ноутбук")
SENDERS = ("анна", "bob", "名前", "Иван")
_requests = st.lists(
    st.tuples(
        st.sampled_from(SENDERS),
        st.lists(st.tuples(st.sampled_from((*DEVICE_IDS, "gone")), st.integers(1, 15)), max_size=9),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def connection(new_engine: Callable[[], Engine]) -> Iterator[Connection]:
    """A database with an account of two devices."""
    engine = new_engine()
    with database.writer(engine) as connection, connection.begin():
        account = {"id": 1, "name": "Иван", "name_key": "иван", "created_at": 0.0}
        connection.execute(insert(accounts), account)
        for number, device_id in enumerate(DEVICE_IDS, 1):
            device = {"id": number, "account_id": 1, "public_id": device_id, "created_at": 0.0}
            connection.execute(insert(devices), {**device, "signed_keys": "{}"})
        yield connection


@given(requests=_requests)
def test_whatever_is_sent_no_sender_loses_more_than_a_fair_share(
    connection: Connection, requests: list[tuple[str, list[tuple[str, int]]]]
) -> None:
    connection.execute(delete(to_device_messages))
    connection.execute(update(devices).values(last_to_device=0))
    sent = 0
    for sender, written in requests:
        before = waiting(connection)
        texts = [(device_id, f"{sent + place:04}".ljust(max(4, size), "x"))
                 for place, (device_id, size) in enumerate(written)]  # fmt: skip
        sent += len(texts)
        rows = [("Иван", device_id, text) for device_id, text in texts]
        numbers = add_to_device(connection, sender, rows, QUOTA)
        after = waiting(connection)

        check_fairness(before, after, sender)
        added = [(device_id, text) for (device_id, text), number in zip(texts, numbers, strict=True)
                 if number is not None]  # fmt: skip
        assert [one for one in after if one[2] not in {text for _, _, text in before}] == sorted(
            (device_id, sender, text) for device_id, text in added
        )
        for (device_id, _), number in zip(texts, numbers, strict=True):
            assert number is None or device_id != "gone"
        if sender == "Иван":
            last = {device_id: text for device_id, text in texts if device_id != "gone"}
            assert set(last.values()) <= {text for _, _, text in after}
        check_bounds(after)


def waiting(connection: Connection) -> list[tuple[str, str, str]]:
    """Return the (device, sender, text) of the waiting messages, device by device, in order."""
    found = []
    for number, device_id in sorted(enumerate(DEVICE_IDS, 1), key=lambda one: one[1]):
        rows, last = inbox(connection, number, -1, 1000)
        numbers = [row.seq for row in rows]
        assert numbers == sorted(set(numbers))
        assert not rows or numbers[-1] == last
        found += [(device_id, row.sender, row.message) for row in rows]
    return found


def check_fairness(
    before: list[tuple[str, str, str]], after: list[tuple[str, str, str]], sender: str
) -> None:
    """Others lose only their oldest, and only those that have more waiting than the sender."""
    for device_id in DEVICE_IDS:
        counts = Counter(who for where, who, _text in after if where == device_id)
        for other in {*SENDERS} - {sender}:
            had = [one for one in before if one[:2] == (device_id, other)]
            left = [one for one in after if one[:2] == (device_id, other)]
            assert left == had[len(had) - len(left) :]
            if len(left) < len(had):
                assert len(left) >= counts[sender] or sender == "Иван"


def check_bounds(found: list[tuple[str, str, str]]) -> None:
    everybodys = Counter(device_id for device_id, _sender, _text in found)
    assert max(everybodys.values(), default=0) <= QUOTA.max_count
    for device_id in DEVICE_IDS:
        for sender in SENDERS:
            mine = [text for where, who, text in found if (where, who) == (device_id, sender)]
            assert len(mine) <= QUOTA.max_of_sender
            assert sum(map(len, mine)) <= QUOTA.max_bytes_of_sender


def test_a_queue_is_counted_once_per_request(connection: Connection) -> None:
    """Otherwise one request with many of them would keep everybody's messages waiting."""
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(connection, "before_cursor_execute", count)
    add_to_device(connection, "ann", [("Иван", DEVICE_IDS[0], str(n)) for n in range(100)], QUOTA)
    event.remove(connection, "before_cursor_execute", count)
    assert statements < 10
