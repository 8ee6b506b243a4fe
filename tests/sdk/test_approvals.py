"""The state of the backup in a device's approval: it fits into a message, and is authenticated."""

import pytest

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.devices import parse_one_time_key
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice, encrypt_to_device
from messenger.crypto.to_device_content import Approval, read_content
from messenger.jim.base import Request
from messenger.jim.codec import encode
from messenger.jim.devices import ToDevice
from messenger.jim.devices import ToDeviceMessage as SentToDevice
from messenger.jim.framing import DEFAULT_LIMIT
from messenger.sdk.encryption.approval import APPROVAL
from messenger.sdk.encryption.backup_state import known_state
from messenger.sdk.store import IdentityTrust, Store
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import TrustRecord
from tests.sdk.reader import Reader
from tests.sdk.test_older_backups import BOB, IVAN


def with_trust_records(store: Store, count: int, devices: list[str]) -> KeyStore:
    """Return a store with so many trust records, about accounts with the longest names."""
    keys = KeyStore(store)
    with store.transaction():
        for number in range(count):
            who = AccountIdentity(f"{number:05}" + "𠮷" * 20, "m" * 43, "s" * 43)
            device = devices[number % len(devices)]
            keys.keep_trust_record(
                TrustRecord(*who, IdentityTrust.VERIFIED, 2**52 + number, device)
            )
    return keys


@pytest.mark.parametrize(
    "devices",
    [
        [f"0195f000-0000-7000-8000-{number:012}.{number}" for number in range(10)],
        [f"{number:04}" + "x" * 996 for number in range(600)],
    ],
    ids=["usual", "of other programs"],
)
def test_what_is_said_at_an_approval_fits_into_a_to_device_message(devices: list[str]) -> None:
    store = Store()
    keys = with_trust_records(store, 600, devices)
    state = known_state(keys, keys.trust_records())
    store.close()
    phone, tablet = Identity(IVAN, "PHONE" * 8), Identity(IVAN, "TABLET" * 8)
    phone.approve(Secret(IVAN).approve)
    key = parse_one_time_key(tablet.device, next(iter(tablet.new_one_time_keys(1).values())))
    session = phone.begin(tablet.device, key)
    content = {"secret": "x" * 28, "proof": "x" * 64, "backup": state}

    encrypted = encrypt_to_device(phone, session, tablet.device, APPROVAL, content)

    request: Request[object] = ToDevice(
        id="1" * 36, messages=[SentToDevice(IVAN, "TABLET" * 8, encrypted)]
    )
    assert len(encode(request)) < DEFAULT_LIMIT
    said = [number for numbers in state.trust_records.values() for number in numbers.values()]
    assert max(said) == 2**52 + 599
    if len(devices) == 10:
        assert sorted(said) == [2**52 + number for number in range(100, 600)]
    numbers = {one: dict.fromkeys(of, 1) for one, of in state.trust_records.items()}
    assert read_content({**content, "backup": {"trust_records": numbers, "sessions": 5}}, Approval)


def test_what_an_approval_says_of_the_backup_is_covered_by_its_proof() -> None:
    """Whoever changes it does not know the code."""
    phone, tablet = Reader(device_id="PHONE"), Reader(device_id="TABLET")
    secret = Secret(phone.account)
    phone.sets_trust(Secret(BOB), IdentityTrust.VERIFIED)
    sent: list[object] = []
    phone.encryption.olm_sessions.send = lambda contents, _: sent.extend(contents)  # type: ignore[method-assign,assignment]
    code_half = bytes.fromhex("00112233445566778899")
    tablet.encryption.keys.put("approval_nonce", code_half.hex())
    approvals = phone.encryption.account._approvals
    approvals._send(tablet.encryption.identity.device, code_half, secret, lambda _: None)
    content = sent[0].content  # type: ignore[attr-defined]
    message = DecryptedToDevice(APPROVAL, content, phone.encryption.identity.device)
    taken = tablet.encryption.account._approvals.take(message)
    assert taken[0].secret == secret.secret
    assert list(taken[1].put_off) == ["PHONE"], "nobody has backed it up yet"

    for changed in ({"put_off": {}, "sessions": 0}, None, {"put_off": {"PHONE": {"x": 1}}}):
        invalid = DecryptedToDevice(
            APPROVAL, {**content, "backup": changed}, phone.encryption.identity.device
        )
        with pytest.raises(SignatureError, match="code"):
            tablet.encryption.account._approvals.take(invalid)
    for one in (phone, tablet):
        one.store.close()
