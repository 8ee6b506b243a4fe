"""What is said of the backup at the approval of a device: it fits, and is proved."""

import pytest

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.devices import parse_one_time_key
from messenger.crypto.identity import Identity
from messenger.crypto.letters import Letter, seal_letter
from messenger.crypto.signed import Forged
from messenger.crypto.todevice import Approval, read_content
from messenger.jim.base import Request
from messenger.jim.codec import encode
from messenger.jim.devices import Letter as SentLetter
from messenger.jim.devices import ToDevice
from messenger.jim.framing import DEFAULT_LIMIT
from messenger.sdk.sealing.approval import APPROVAL
from messenger.sdk.sealing.backupstate import known_state
from messenger.sdk.store import Store, Trust
from messenger.sdk.store.decisions import Decision
from messenger.sdk.store.keys import KeyStore
from tests.sdk.reader import Reader
from tests.sdk.test_older_backups import BOB, IVAN


def deciding(store: Store, count: int, devices: list[str]) -> KeyStore:
    """Return a store that has so many decisions, about people with the longest names."""
    keys = KeyStore(store)
    with store.transaction():
        for number in range(count):
            who = AccountIdentity(f"{number:05}" + "𠮷" * 20, "m" * 43, "s" * 43)
            device = devices[number % len(devices)]
            keys.keep_decision(Decision(*who, Trust.VERIFIED, 2**52 + number, device))
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
    keys = deciding(store, 600, devices)
    state = known_state(keys, keys.decisions())
    store.close()
    phone, tablet = Identity(IVAN, "PHONE" * 8), Identity(IVAN, "TABLET" * 8)
    phone.approve(Secret(IVAN).approve)
    key = parse_one_time_key(tablet.device, next(iter(tablet.new_one_time_keys(1).values())))
    session = phone.begin(tablet.device, key)
    content = {"secret": "x" * 28, "proof": "x" * 64, "backup": state}

    sealed = seal_letter(phone, session, tablet.device, APPROVAL, content)

    request: Request[object] = ToDevice(
        id="1" * 36, letters=[SentLetter(IVAN, "TABLET" * 8, sealed)]
    )
    assert len(encode(request)) < DEFAULT_LIMIT
    said = [number for numbers in state.decisions.values() for number in numbers.values()]
    assert max(said) == 2**52 + 599
    if len(devices) == 10:
        assert sorted(said) == [2**52 + number for number in range(100, 600)]
    numbers = {one: dict.fromkeys(of, 1) for one, of in state.decisions.items()}
    assert read_content({**content, "backup": {"decisions": numbers, "sessions": 5}}, Approval)


def test_what_an_approval_says_of_the_backup_is_covered_by_its_proof() -> None:
    """Whoever changes it does not know the code."""
    phone, tablet = Reader(ident="PHONE"), Reader(ident="TABLET")
    secret = Secret(phone.account)
    phone.decides(Secret(BOB), Trust.VERIFIED)
    sent: list[object] = []
    phone.sealing.channels.send = lambda contents, _: sent.extend(contents)  # type: ignore[method-assign,assignment]
    code_half = bytes.fromhex("00112233445566778899")
    tablet.sealing.keys.put("approval_nonce", code_half.hex())
    approvals = phone.sealing.account._approvals
    approvals._send(tablet.sealing.identity.device, code_half, secret, lambda _: None)
    content = sent[0].content  # type: ignore[attr-defined]
    letter = Letter(APPROVAL, content, phone.sealing.identity.device)
    taken = tablet.sealing.account._approvals.take(letter)
    assert taken[0].secret == secret.secret
    assert list(taken[1].put_off) == ["PHONE"], "nobody has backed it up yet"

    for changed in ({"put_off": {}, "sessions": 0}, None, {"put_off": {"PHONE": {"x": 1}}}):
        forged = Letter(APPROVAL, {**content, "backup": changed}, phone.sealing.identity.device)
        with pytest.raises(Forged, match="code"):
            tablet.sealing.account._approvals.take(forged)
    for one in (phone, tablet):
        one.store.close()
