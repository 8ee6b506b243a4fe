"""Once an account has a new secret, no number that a lost device has given a decision counts."""

from collections.abc import Iterator

import msgspec
import pytest

from messenger.crypto.accounts import Secret
from messenger.crypto.todevice import BackupState
from messenger.sdk.sealing.backupstate import Restored, known_state
from messenger.sdk.sealing.decisions import _sealed
from messenger.sdk.store import Trust
from messenger.sdk.store.decisions import MAX_NUMBER, Decision
from messenger.sdk.store.keys import KeyStore
from tests.sdk.reader import BOB, IVAN, Reader

BOBS, EVES = Secret(BOB), Secret("eve 😈")


class Mine(Reader):
    """A device of Иван's, which has the account's secret."""

    def __init__(self, ident: str, secret: Secret) -> None:
        super().__init__(ident=ident)
        self.sealing.account._ask = lambda *_: None
        self.adopts(secret)
        for other in (BOBS, EVES):
            self.sealing.trust.recognise(other.identity)

    @property
    def keys(self) -> KeyStore:
        return self.sealing.keys

    def adopts(self, secret: Secret, state: BackupState | None = None) -> None:
        self.sealing.account._published = secret.published()
        self.sealing.account._adopt(secret, lambda _: None, state)
        self.sealing.account.backup.expected.settle()  # as when the backup was here

    def makes_new(self) -> Secret:
        """Make a new secret, as where a device was lost; the server takes it."""
        account = self.sealing.account
        secret = account._new_secret()
        account._made(secret)
        return secret

    def hears(self, *decisions: Decision, secret: Secret) -> None:
        for name, sealed in _sealed(decisions, secret).items():
            self.sealing.account.backup._take(name, sealed, secret, Restored())

    def trusts(self, name: str) -> Trust:
        known = self.keys.identity_of(name)
        return known[1] if known else Trust.CHANGED


@pytest.fixture
def own() -> Secret:
    return Secret(IVAN)


@pytest.fixture
def devices(own: Secret) -> Iterator[tuple[Mine, Mine]]:
    made = Mine("PHONE", own), Mine("НОУТБУК", own)
    yield made
    for one in made:
        one.store.close()


def poisoned(number: int = MAX_NUMBER) -> Decision:
    return Decision(*EVES.identity, Trust.VERIFIED, number, "STOLEN")


@pytest.mark.parametrize("number", [MAX_NUMBER, MAX_NUMBER - 1, 2**40])
def test_what_is_decided_after_a_device_was_lost_counts_on_all_devices(
    devices: tuple[Mine, Mine], own: Secret, number: int
) -> None:
    phone, laptop = devices
    for one in devices:
        one.hears(poisoned(number), secret=own)
    new = phone.makes_new()
    laptop.adopts(new, known_state(phone.keys, phone.keys.decisions()))

    phone.decides(BOBS, Trust.VERIFIED)
    phone.decides(EVES, Trust.UNVERIFIED)
    laptop.hears(*phone.keys.decisions(), secret=new)

    assert (laptop.trusts(BOB), laptop.trusts("eve 😈")) == (Trust.VERIFIED, Trust.UNVERIFIED)
    laptop.decides(BOBS, Trust.UNVERIFIED)
    phone.hears(*laptop.keys.decisions(), secret=new)
    assert phone.trusts(BOB) is Trust.UNVERIFIED
    assert all(one.number < 100 for one in phone.keys.decisions())


def test_the_device_that_makes_the_new_secret_expects_nothing_of_the_old_backup(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    """It was told numbers when it was approved."""
    phone, _laptop = devices
    digest = next(iter(known_state(phone.keys, [poisoned()]).decisions["STOLEN"]))
    phone.adopts(own, BackupState({"STOLEN": {digest: MAX_NUMBER}}, 5000))

    new = phone.makes_new()
    phone.decides(EVES, Trust.UNVERIFIED)

    (made,) = phone.keys.decisions()
    assert made.number < 100
    assert phone.sealing.account.backup.expected.decided("eve 😈") == {}
    assert new != own


def test_decisions_keep_their_order_where_they_are_numbered_anew(
    devices: tuple[Mine, Mine],
) -> None:
    phone, _laptop = devices
    for trust in (Trust.VERIFIED, Trust.UNVERIFIED):
        phone.decides(EVES, trust)
        phone.decides(BOBS, trust)
    before = [(one.account, one.trust) for one in phone.keys.decisions()]

    phone.makes_new()

    now = phone.keys.decisions()
    assert [(one.account, one.trust) for one in now] == before
    assert sorted(one.number for one in now) == list(range(1, len(now) + 1))


def test_the_same_secret_numbers_nothing_anew(devices: tuple[Mine, Mine], own: Secret) -> None:
    """A server that says that there was no identity begins no new age."""
    phone, _laptop = devices
    for _ in range(5):
        phone.decides(EVES, Trust.VERIFIED)
    before = phone.keys.decisions()

    phone.sealing.account._made(own)
    phone.adopts(own)

    assert phone.keys.decisions() == before


def test_the_largest_number_makes_no_decision_that_others_could_not_read(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    phone, laptop = devices
    phone.hears(poisoned(), secret=own)

    phone.decides(BOBS, Trust.VERIFIED)

    laptop.hears(*phone.keys.decisions(), secret=own)
    assert laptop.trusts(BOB) is Trust.VERIFIED
    state = known_state(phone.keys, phone.keys.decisions())
    assert msgspec.convert(msgspec.to_builtins(state), BackupState) == state


def test_of_what_was_decided_before_only_the_latest_counts(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    """A thief had verified somebody, and the user had taken it back."""
    _phone, laptop = devices
    taken_back = Decision(*EVES.identity, Trust.UNVERIFIED, 6, "A LAPTOP")
    for one in devices:
        one.hears(Decision(*EVES.identity, Trust.VERIFIED, 5, "Z STOLEN"), taken_back, secret=own)
    fresh = Mine("FRESH", own)
    new = fresh.makes_new()

    laptop.adopts(new)
    fresh.hears(*laptop.keys.decisions(), secret=new)

    assert [one.device for one in laptop.keys.decisions()] == ["A LAPTOP"]
    assert laptop.trusts("eve 😈") is fresh.trusts("eve 😈") is Trust.UNVERIFIED
    fresh.store.close()


def test_a_database_of_an_earlier_version_learns_by_whose_secret_its_decisions_are(
    devices: tuple[Mine, Mine], own: Secret
) -> None:
    phone, _laptop = devices
    phone.hears(poisoned(), secret=own)
    phone.keys.put("decisions_of", None)

    again = Mine.__new__(Mine)
    Reader.__init__(again, ident="PHONE", store=phone.store)
    again.sealing.account._ask = lambda *_: None
    again.makes_new()

    assert all(one.number < 100 for one in again.keys.decisions())
