"""Once an account has a new secret, no number of a lost device's trust records counts."""

from collections.abc import Iterator

import msgspec
import pytest

from messenger.crypto.accounts import Secret
from messenger.crypto.to_device_content import BackupState
from messenger.sdk.encryption.backup_state import Restored, known_state
from messenger.sdk.encryption.trust_records import _encrypted
from messenger.sdk.store import IdentityTrust
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import MAX_NUMBER, TrustRecord
from tests.sdk.reader import BOB, IVAN, Reader

BOBS, EVES = Secret(BOB), Secret("eve 😈")


class Mine(Reader):
    """A device of Иван's, which has the account's secret."""

    def __init__(self, device_id: str, secret: Secret) -> None:
        super().__init__(device_id=device_id)
        self.adopts(secret)
        for other in (BOBS, EVES):
            self.encryption.trust.recognise(other.identity)

    @property
    def keys(self) -> KeyStore:
        return self.encryption.keys

    def adopts(self, secret: Secret, state: BackupState | None = None) -> None:
        self.encryption.account._published = secret.published()
        self.encryption.account._adopt(secret, lambda _: None, state)
        self.encryption.account.backup.expected.settle()  # as when the backup was restored

    def makes_new(self) -> Secret:
        """Make a new secret, as after a device was lost; the server accepts it."""
        account = self.encryption.account
        secret = account.stored_secret.new()
        account._made(secret)
        return secret

    def hears(self, *trust_records: TrustRecord, secret: Secret) -> None:
        for name, encrypted in _encrypted(trust_records, secret).items():
            self.encryption.account.backup._take(name, encrypted, secret, Restored())

    def trusts(self, name: str) -> IdentityTrust:
        known = self.keys.identity_of(name)
        return known[1] if known else IdentityTrust.CHANGED


@pytest.fixture
def own() -> Secret:
    return Secret(IVAN)


@pytest.fixture
def devices(own: Secret) -> Iterator[tuple[Mine, Mine]]:
    made = Mine("PHONE", own), Mine("НОУТБУК", own)
    yield made
    for one in made:
        one.store.close()


def poisoned(number: int = MAX_NUMBER) -> TrustRecord:
    return TrustRecord(*EVES.identity, IdentityTrust.VERIFIED, number, "STOLEN")


@pytest.mark.parametrize("number", [MAX_NUMBER, MAX_NUMBER - 1, 2**40])
def test_trust_records_made_after_a_device_was_lost_count_on_all_devices(
    devices: tuple[Mine, Mine], own: Secret, number: int
) -> None:
    phone, laptop = devices
    for one in devices:
        one.hears(poisoned(number), secret=own)
    new = phone.makes_new()
    laptop.adopts(new, known_state(phone.keys, phone.keys.trust_records()))

    phone.sets_trust(BOBS, IdentityTrust.VERIFIED)
    phone.sets_trust(EVES, IdentityTrust.UNVERIFIED)
    laptop.hears(*phone.keys.trust_records(), secret=new)

    assert (laptop.trusts(BOB), laptop.trusts("eve 😈")) == (
        IdentityTrust.VERIFIED,
        IdentityTrust.UNVERIFIED,
    )
    laptop.sets_trust(BOBS, IdentityTrust.UNVERIFIED)
    phone.hears(*laptop.keys.trust_records(), secret=new)
    assert phone.trusts(BOB) is IdentityTrust.UNVERIFIED
    assert all(one.number < 100 for one in phone.keys.trust_records())


def test_the_device_that_makes_the_new_secret_expects_nothing_of_the_old_backup(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    """It got numbers when it was approved."""
    phone, _laptop = devices
    digest = next(iter(known_state(phone.keys, [poisoned()]).trust_records["STOLEN"]))
    phone.adopts(own, BackupState({"STOLEN": {digest: MAX_NUMBER}}, 5000))

    new = phone.makes_new()
    phone.sets_trust(EVES, IdentityTrust.UNVERIFIED)

    (made,) = phone.keys.trust_records()
    assert made.number < 100
    assert phone.encryption.account.backup.expected.decided("eve 😈") == {}
    assert new != own


def test_trust_records_keep_their_order_where_they_are_numbered_anew(
    devices: tuple[Mine, Mine],
) -> None:
    phone, _laptop = devices
    for trust in (IdentityTrust.VERIFIED, IdentityTrust.UNVERIFIED):
        phone.sets_trust(EVES, trust)
        phone.sets_trust(BOBS, trust)
    before = [(one.account, one.trust) for one in phone.keys.trust_records()]

    phone.makes_new()

    now = phone.keys.trust_records()
    assert [(one.account, one.trust) for one in now] == before
    assert sorted(one.number for one in now) == list(range(1, len(now) + 1))


def test_the_same_secret_numbers_nothing_anew(devices: tuple[Mine, Mine], own: Secret) -> None:
    """A server that denies an identity does not start the numbers again."""
    phone, _laptop = devices
    for _ in range(5):
        phone.sets_trust(EVES, IdentityTrust.VERIFIED)
    before = phone.keys.trust_records()

    phone.encryption.account._made(own)
    phone.adopts(own)

    assert phone.keys.trust_records() == before


def test_the_largest_number_makes_no_trust_record_that_others_could_not_read(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    phone, laptop = devices
    phone.hears(poisoned(), secret=own)

    phone.sets_trust(BOBS, IdentityTrust.VERIFIED)

    laptop.hears(*phone.keys.trust_records(), secret=own)
    assert laptop.trusts(BOB) is IdentityTrust.VERIFIED
    state = known_state(phone.keys, phone.keys.trust_records())
    assert msgspec.convert(msgspec.to_builtins(state), BackupState) == state


def test_of_earlier_trust_records_only_the_latest_counts(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    """A thief had verified an account, and the user had undone that."""
    _phone, laptop = devices
    taken_back = TrustRecord(*EVES.identity, IdentityTrust.UNVERIFIED, 6, "A LAPTOP")
    for one in devices:
        one.hears(
            TrustRecord(*EVES.identity, IdentityTrust.VERIFIED, 5, "Z STOLEN"),
            taken_back,
            secret=own,
        )
    fresh = Mine("FRESH", own)
    new = fresh.makes_new()

    laptop.adopts(new)
    fresh.hears(*laptop.keys.trust_records(), secret=new)

    assert [one.device for one in laptop.keys.trust_records()] == ["A LAPTOP"]
    assert laptop.trusts("eve 😈") is fresh.trusts("eve 😈") is IdentityTrust.UNVERIFIED
    fresh.store.close()


def test_a_database_of_an_earlier_version_learns_by_whose_secret_its_trust_records_are(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    phone, _laptop = devices
    phone.hears(poisoned(), secret=own)
    phone.keys.put("trust_records_of", None)

    again = Mine.__new__(Mine)
    Reader.__init__(again, device_id="PHONE", store=phone.store)
    again.makes_new()

    assert all(one.number < 100 for one in again.keys.trust_records())
