"""Account data set on several devices at once: whatever happens, all agree at the end."""

from collections import deque
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.crypto.identity import Identity
from messenger.jim.base import Reply
from messenger.jim.devices import BackedUp, BackUpKeys, RestoreKeys
from messenger.jim.errors import TooMany
from messenger.sdk.encryption.account_data import SharedAccountData
from messenger.sdk.store import Store
from messenger.sdk.store.account_data import AccountData, Register, merged
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import MAX_NUMBER
from tests.sdk.reader import context_of

ME = "Иван 名前"
CONVERSATIONS = ("a/b%41 😀", "#комната")
FIRST, SECOND = Secret(ME), Secret(ME)


class CurrentSecret:
    """The account's secret on a device."""

    def __init__(self, current: Secret) -> None:
        self.current = current


class Server:
    """Stores entries, and answers and announces when the test says so."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.devices: list[OwnDevice] = []

    def settle(self) -> None:
        """Answer everything, and everything that follows from that."""
        for _ in range(1000):
            for device in self.devices:
                device.is_answered()
                device.hears()
            if not any(device.asked or device.announced for device in self.devices):
                return
        pytest.fail("the devices share for ever")


class OwnDevice:
    """A device's account data; it also takes the place of the rest of the client."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.identity, self.store = server, Identity(ME, name), Store()
        self.secret = CurrentSecret(FIRST)
        self.clear()

    def clear(self) -> None:
        with self.store.transaction() as connection:
            for table in ("conversations", "account_data"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
        self.keys = KeyStore(self.store)
        self.starts()

    def starts(self) -> None:
        """Start again, with what is in the database; what was on its way is lost."""
        self.asked: deque[tuple[Any, Callable[[Any], None]]] = deque()
        self.announced: deque[list[str]] = deque()
        secret: Any = self.secret
        self.data = SharedAccountData(context_of(self.identity, self.store, self.ask), secret)
        self.data.begin()

    def ask(self, request: Any, on_answer: Callable[[Any], None]) -> None:
        self.asked.append((request, on_answer))

    # --- steps -------------------------------------------------------------------------------

    def sets(self, conversation: str, field: str, value: Any) -> None:
        if field == "draft":
            self.data.set_draft(conversation, value)
            self.data.share_drafts()
        elif field == "pinned":
            self.data.pin(conversation, pinned=value)
        else:
            self.data.mute(conversation, value)

    def is_answered(self, *, refused: bool = False) -> None:
        """Have the server handle this device's first request."""
        if not self.asked:
            return
        request, take = self.asked.popleft()
        if refused:
            take(TooMany("later"))
            self.data._retries.forget()
            self.data.tick()
        elif isinstance(request, BackUpKeys):
            self.server.entries.update(request.keys)
            for other in self.server.devices:
                if other is not self and request.announce:
                    other.announced.append(list(request.keys))
            take(Reply(200))
        elif isinstance(request, RestoreKeys):
            take(BackedUp(200, keys=dict(self.server.entries)))

    def hears(self) -> None:
        """Hear the server's first announcement."""
        if self.announced:
            self.data.changed(self.announced.popleft())

    def loses_its_connection(self) -> None:
        self.starts()

    def shown(self) -> dict[str, dict[str, Any]]:
        return {name: self.keys.set_by_user(name) for name in CONVERSATIONS}


@pytest.fixture(scope="module")
def of_three() -> Iterator[Server]:
    server = Server()
    server.devices = [OwnDevice(server, name) for name in ("PHONE", "LAPTOP", "TABLET")]
    yield server
    for device in server.devices:
        device.store.close()


@pytest.fixture
def server(of_three: Server) -> Server:
    return emptied(of_three)


def emptied(server: Server) -> Server:
    server.entries.clear()
    for device in server.devices:
        device.secret.current = FIRST
        device.clear()
    server.settle()
    return server


values = st.one_of(
    st.tuples(st.just("draft"), st.sampled_from(["", "x", "привет"])),
    st.tuples(st.just("pinned"), st.booleans()),
    st.tuples(st.just("muted_until"), st.sampled_from([0.0, 4e9, inf])),
)
steps = st.one_of(
    st.tuples(st.just("sets"), st.integers(0, 2), st.sampled_from(CONVERSATIONS), values),
    st.tuples(st.just("is_answered"), st.integers(0, 2)),
    st.tuples(st.just("is_refused"), st.integers(0, 2)),
    st.tuples(st.just("hears"), st.integers(0, 2)),
    st.tuples(st.just("loses_its_connection"), st.integers(0, 2)),
)


def take_step(server: Server, what: str, number: int, *more: Any) -> None:
    device = server.devices[number]
    if what == "sets":
        conversation, (field, value) = more
        device.sets(conversation, field, value)
    elif what == "is_refused":
        device.is_answered(refused=True)
    else:
        getattr(device, what)()


@settings(max_examples=80)
@given(st.lists(steps, max_size=30))
def test_in_whatever_order_things_are_set_answered_and_lost_all_devices_agree_at_the_end(
    of_three: Server, taken: list[Any]
) -> None:
    server = emptied(of_three)
    for step in taken:
        take_step(server, *step)
    server.settle()

    first, *others = server.devices
    shown = first.shown()
    assert all(device.shown() == shown for device in others)
    # Nothing is left to share, and the backup alone has all of it.
    assert not any(device.data._unshared or device.data._changed for device in server.devices)
    first.clear()
    server.settle()
    assert first.shown() == shown


registers = st.builds(
    Register,
    st.sampled_from(["", "x", "привет"]),
    st.sampled_from([0, 1, 2, MAX_NUMBER]),
    st.sampled_from(["", "PHONE", "LAPTOP"]),
)
records = st.builds(AccountData, st.just("#all"), registers, registers, registers)


@given(records, records, records)
def test_the_order_and_the_number_of_merges_makes_no_difference(
    one: AccountData, two: AccountData, three: AccountData
) -> None:
    assert merged(one, two) == merged(two, one)
    assert merged(one, merged(two, three)) == merged(merged(one, two), three)
    assert merged(merged(one, two), two) == merged(one, two)


def test_a_value_set_after_another_one_was_heard_of_is_the_later_one(server: Server) -> None:
    phone, laptop, _ = server.devices
    name = CONVERSATIONS[1]
    for number in range(3):
        phone.sets(name, "draft", f"number {number}")
        server.settle()
    laptop.sets(name, "draft", "last")
    server.settle()
    assert [device.shown()[name]["draft"] for device in server.devices] == ["last"] * 3


def test_what_was_set_offline_is_later_than_what_the_device_finds_at_the_server(
    server: Server,
) -> None:
    phone, laptop, _ = server.devices
    name = CONVERSATIONS[1]
    for number in range(3):
        phone.sets(name, "draft", f"number {number}")
        phone.is_answered()
    laptop.data.stop()
    laptop.announced.clear()
    laptop.sets(name, "draft", "in a tunnel")
    assert not laptop.asked

    laptop.starts()
    server.settle()

    assert [device.shown()[name]["draft"] for device in server.devices] == ["in a tunnel"] * 3


def test_what_the_user_is_typing_is_not_replaced_by_what_another_device_had_before(
    server: Server,
) -> None:
    phone, laptop, _ = server.devices
    name = CONVERSATIONS[0]
    laptop.sets(name, "draft", "of the laptop")
    laptop.sets(name, "pinned", True)
    phone.data.set_draft(name, "just being ty")

    server.settle()
    assert phone.shown()[name] == {"draft": "just being ty", "pinned": True, "muted_until": 0.0}

    phone.data.set_draft(name, "just being typed")
    phone.data.share_drafts()
    server.settle()
    assert laptop.shown()[name]["draft"] == "just being typed"


def test_numbers_start_over_with_a_new_secret_and_its_maker_is_the_later_one(
    server: Server,
) -> None:
    """A stolen device has left the largest number; another device knows no new secret yet."""
    phone, laptop, _ = server.devices
    name = CONVERSATIONS[0]
    for device, draft in ((phone, "of the phone"), (laptop, "of the laptop")):
        stolen = AccountData(name, draft=Register(draft, MAX_NUMBER, "STOLEN"))
        device.keys.keep_account_data(stolen)
        device.store.describe(name, draft=draft)
    server.entries.clear()  # as the server does for a new identity

    for device, is_made_here in ((phone, True), (laptop, False)):
        device.secret.current = SECOND
        device.data.renumber(is_made_here=is_made_here)
        device.data.begin()
    server.settle()

    assert phone.shown()[name]["draft"] == laptop.shown()[name]["draft"] == "of the phone"
    laptop.sets(name, "draft", "later")
    server.settle()
    assert phone.shown()[name]["draft"] == "later"
