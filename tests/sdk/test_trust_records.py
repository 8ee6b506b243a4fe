"""Trust records made on several devices at once: all devices agree at the end."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.devices import Device
from messenger.crypto.identity import Identity
from messenger.crypto.to_device import DecryptedToDevice
from messenger.jim.base import Reply
from messenger.jim.devices import BackUpKeys
from messenger.jim.errors import ServerError
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.encryption.trust_records import TrustRecords
from messenger.sdk.events import BackupOutdated, TrustDecided
from messenger.sdk.store import IdentityTrust, Store
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import TrustRecord
from tests.sdk.reader import context_of

ME = "Иван 名前"
SECRET = Secret(ME)
PEOPLE = ("a/b%41 😀", "𠮷" * 25)
IDENTITIES = {name: (Secret(name).identity, Secret(name).identity) for name in PEOPLE}
TRUSTS = (IdentityTrust.VERIFIED, IdentityTrust.UNVERIFIED)


class Account:
    """Devices of one account, and a server that replies and delivers when the test says so."""

    def __init__(self, names: tuple[str, ...] = ("PHONE", "LAPTOP", "TABLET")) -> None:
        self.backup: dict[str, str] = {}
        self.before: list[tuple[Device, dict[str, str]]] = []
        self.devices = [OwnDevice(self, name) for name in names]

    def close(self) -> None:
        for device in self.devices:
            device.store.close()

    def clear(self) -> None:
        """Start with an account without trust records; its databases are reused."""
        self.backup.clear()
        self.before.clear()
        for device in self.devices:
            device.clear()

    def settle(self) -> None:
        """Answer and deliver everything on its way, and everything that follows from that."""
        while any(device.asked or device.inbox for device in self.devices):
            for device in self.devices:
                device.is_answered()
                device.reads()
        for device in self.devices:
            device.trust_records.share(SECRET)
        if any(device.asked for device in self.devices):
            self.settle()

    def in_backup(self) -> dict[str, TrustRecord]:
        """Return the trust records for a device that sees the backup only."""
        found = [opened(name, encrypted) for name, encrypted in self.backup.items()]
        return {one.account: one for one in sorted(found, key=lambda one: one.timestamp)}


class OwnDevice:
    """A device's trust records; it also takes the place of the rest of the client."""

    def __init__(self, account: Account, name: str) -> None:
        self.account = account
        self.identity = Identity(ME, name)
        self.store = Store()
        self.asked: deque[tuple[BackUpKeys, Callable[[object], None]]] = deque()
        self.inbox: deque[DecryptedToDevice] = deque()
        self.told: list[object] = []
        self.restoring: deque[tuple[dict[tuple[str, str], int], dict[str, str]]] = deque()
        self.clear()

    def clear(self) -> None:
        with self.store.transaction() as connection:
            for table in ("profile", "identities", "trust_records"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
        for one in (self.asked, self.inbox, self.told, self.restoring):
            one.clear()
        self.keys = KeyStore(self.store)
        everything: Any = self
        context = context_of(self.identity, self.store, everything.ask, self.told.append)
        self.trust_records = TrustRecords(context, everything, everything)

    # --- what trust records need of the rest of the client -----------------------------------

    def ask(self, request: BackUpKeys, on_answer: Callable[[object], None]) -> None:
        self.asked.append((request, on_answer))

    def forget(self, conversation: str | None = None) -> None:
        pass

    def of(self, conversation: str, on_device_list: Callable[[DeviceList], None]) -> None:
        devices = [one.identity.device for one in self.account.devices]
        on_device_list(DeviceList("", {one.key[:2]: one for one in devices}, frozenset(), {}))

    def send(self, contents: list[Content], on_sent: Callable[[object], None]) -> None:
        for to, kind, content in contents:
            message = DecryptedToDevice(kind, content, self.identity.device)
            for device in self.account.devices:
                if device.identity.device.key == to.key:
                    device.inbox.append(message)

    # --- steps -------------------------------------------------------------------------------

    def sets_trust(
        self, identity: AccountIdentity, trust: IdentityTrust, *, share: bool = True
    ) -> None:
        self.trust_records.decide(identity, trust)
        if share:
            self.trust_records.share(SECRET)

    def is_answered(self, *, refused: bool = False) -> None:
        """Have the server answer this device's first request."""
        if not self.asked:
            return
        request, take = self.asked.popleft()
        if refused:
            take(ServerError("later"))
            return
        self.account.backup.update(request.keys)
        self.account.before.append((self.identity.device, dict(request.keys)))
        take(Reply(200))

    def reads(self) -> None:
        """Process the first to-device message."""
        if self.inbox:
            self.trust_records.take_to_device(self.inbox.popleft(), SECRET)

    def reads_again(self, number: int) -> None:
        """Process an earlier to-device message again."""
        if self.account.before:
            sender, encrypted = self.account.before[number % len(self.account.before)]
            for name, one in encrypted.items():
                content = {"name": name, "encrypted": one}
                message = DecryptedToDevice("messenger.trust_record", content, sender)
                self.trust_records.take_to_device(message, SECRET)

    def asks_for_the_backup(self) -> None:
        self.restoring.append((self.trust_records.backed_up.numbers(), dict(self.account.backup)))

    def gets_the_backup(self) -> None:
        """Restore the backup as of the request; nothing in it is ever older than known."""
        while self.restoring:
            assert not self.compares(*self.restoring.popleft())

    def restores(self, backup: dict[str, str] | None = None) -> bool:
        """Restore the server's backup, or this one; return whether it is recognised as older."""
        found = self.account.backup if backup is None else backup
        return self.compares(self.trust_records.backed_up.numbers(), found)

    def compares(self, known: dict[tuple[str, str], int], backup: dict[str, str]) -> bool:
        found = [opened(*one) for one in backup.items()]
        for one in found:
            self.trust_records.take(one)
        is_older = self.trust_records.backed_up.compare(
            known, {one.key: one.number for one in found}
        )
        self.trust_records.share(SECRET)
        return is_older

    def trusts(self) -> dict[str, tuple[AccountIdentity, IdentityTrust] | None]:
        return {name: self.keys.identity_of(name) for name in PEOPLE}


def opened(name: str, encrypted: str) -> TrustRecord:
    return msgspec.json.decode(SECRET.decrypt(name, encrypted), type=TrustRecord)


@pytest.fixture(scope="module")
def of_three() -> Iterator[Account]:
    made = Account()
    yield made
    made.close()


@pytest.fixture
def account(of_three: Account) -> Account:
    of_three.clear()
    return of_three


devices = st.integers(0, 2)
steps = st.one_of(
    st.tuples(
        st.just("sets_trust"),
        devices,
        st.sampled_from(PEOPLE),
        st.integers(0, 1),
        st.sampled_from(TRUSTS),
        st.booleans(),
    ),
    st.tuples(st.just("is_answered"), devices),
    st.tuples(st.just("is_refused"), devices),
    st.tuples(st.just("reads"), devices),
    st.tuples(st.just("reads_again"), devices, st.integers(0, 20)),
    st.tuples(st.just("asks_for_the_backup"), devices),
    st.tuples(st.just("gets_the_backup"), devices),
)


def take_step(account: Account, what: str, number: int, *more: Any) -> None:
    device = account.devices[number]
    if what == "sets_trust":
        name, which, trust, share = more
        device.sets_trust(IDENTITIES[name][which], trust, share=share)
    elif what == "is_refused":
        device.is_answered(refused=True)
    else:
        getattr(device, what)(*more)


@settings(max_examples=60)
@given(st.lists(steps, max_size=30))
def test_in_whatever_order_trust_records_are_made_backed_up_and_told_all_devices_agree_at_the_end(
    of_three: Account, taken: list[Any]
) -> None:
    of_three.clear()
    for step in taken:
        take_step(of_three, *step)
    of_three.settle()

    first, *others = of_three.devices
    for name in PEOPLE:
        last_one = first.keys.trust_record(name)
        assert of_three.in_backup().get(name) == last_one
        if last_one is not None:
            assert first.trusts()[name] == (last_one.identity, last_one.trust)
    assert all(device.trusts() == first.trusts() for device in others)

    # Old messages have no effect any more, on these and on one that has the backup only.
    settled = first.trusts()
    for device in of_three.devices:
        for number in range(len(of_three.before)):
            device.reads_again(number)
    assert all(device.trusts() == settled for device in of_three.devices)
    assert not any(device.restores() for device in of_three.devices)
    new = of_three.devices[-1]
    new.clear()
    new.restores()
    for number in range(len(of_three.before)):
        new.reads_again(number)
    assert new.trusts() == settled


@pytest.mark.parametrize("later_first", [False, True])
def test_of_two_trust_records_at_the_same_time_both_devices_take_the_same(
    account: Account, *, later_first: bool
) -> None:
    """And the backup has it at the end, whichever of the two the server got last."""
    phone, laptop, tablet = account.devices
    bob = IDENTITIES[PEOPLE[0]]
    phone.sets_trust(bob[0], IdentityTrust.VERIFIED)
    laptop.sets_trust(bob[1], IdentityTrust.UNVERIFIED)
    for device in (phone, laptop) if later_first else (laptop, phone):
        device.is_answered()

    account.settle()

    assert (
        phone.trusts()[PEOPLE[0]] == laptop.trusts()[PEOPLE[0]] == (bob[0], IdentityTrust.VERIFIED)
    )
    assert account.in_backup()[PEOPLE[0]].device == "PHONE"
    assert not phone.restores()
    assert not laptop.restores()
    tablet.clear()
    assert not tablet.restores()
    assert tablet.trusts() == phone.trusts()


def test_a_trust_record_that_comes_again_takes_back_no_change_that_was_noticed_since(
    account: Account,
) -> None:
    phone, laptop, _ = account.devices
    bob, another = IDENTITIES[PEOPLE[0]]
    laptop.sets_trust(bob, IdentityTrust.VERIFIED)
    account.settle()
    phone.keys.trust(another, IdentityTrust.CHANGED)

    phone.reads_again(0)
    phone.restores()

    assert phone.keys.identity_of(bob.account) == (another, IdentityTrust.CHANGED)
    assert phone.told == [TrustDecided(bob.account, IdentityTrust.VERIFIED)]


def test_a_change_that_was_noticed_is_not_shared_as_the_users_trust_record(
    account: Account,
) -> None:
    phone, _, tablet = account.devices
    bob, another = IDENTITIES[PEOPLE[0]]
    phone.sets_trust(bob, IdentityTrust.VERIFIED, share=False)
    phone.keys.trust(another, IdentityTrust.CHANGED)

    account.settle()

    assert tablet.keys.identity_of(bob.account) == (bob, IdentityTrust.VERIFIED)


def test_the_backup_of_a_later_trust_record_is_put_back_in_the_place_of_an_earlier_one(
    account: Account,
) -> None:
    phone, laptop, _ = account.devices
    bob, another = IDENTITIES[PEOPLE[1]]
    phone.sets_trust(bob, IdentityTrust.UNVERIFIED)
    account.settle()
    old = dict(account.backup)
    phone.sets_trust(another, IdentityTrust.VERIFIED)
    account.settle()
    account.backup.update(old)

    assert laptop.restores()
    account.settle()

    assert account.in_backup()[bob.account].identity == another
    assert not laptop.restores()


def test_a_trust_record_made_while_the_backup_is_fetched_does_not_make_it_look_older(
    account: Account,
) -> None:
    phone = account.devices[0]
    bob, another = IDENTITIES[PEOPLE[1]]
    phone.sets_trust(bob, IdentityTrust.UNVERIFIED)
    account.settle()
    phone.asks_for_the_backup()
    phone.sets_trust(another, IdentityTrust.VERIFIED)
    phone.asks_for_the_backup()  # the server has not answered yet
    phone.gets_the_backup()

    assert phone.keys.identity_of(bob.account) == (another, IdentityTrust.VERIFIED)
    account.settle()
    assert not phone.restores()


def test_a_trust_record_that_another_device_has_put_back_too_old_is_put_back_by_the_one_that_knows(
    account: Account,
) -> None:
    phone, laptop, _ = account.devices
    bob, another = IDENTITIES[PEOPLE[0]]
    phone.sets_trust(bob, IdentityTrust.VERIFIED)
    account.settle()
    account.backup.clear()  # The server has lost it, and the laptop does not know the next one.
    phone.sets_trust(another, IdentityTrust.VERIFIED)
    phone.is_answered()
    laptop.restores({})

    account.settle()

    assert account.in_backup()[bob.account].identity == another


def test_a_database_with_plain_numbers_of_trust_records_can_be_used(account: Account) -> None:
    phone, laptop, _ = account.devices
    bob, another = IDENTITIES[PEOPLE[0]]
    for device in (phone, laptop):
        device.keys.put("decision_numbers", f'{{"{bob.account}": 7}}')
        device.keys.put("unshared_trust_records", f'["{bob.account}"]')
        device.keys.trust(bob, IdentityTrust.VERIFIED)

    phone.sets_trust(another, IdentityTrust.VERIFIED)
    account.settle()

    assert laptop.keys.identity_of(bob.account) == (another, IdentityTrust.VERIFIED)
    assert BackupOutdated() not in laptop.told
