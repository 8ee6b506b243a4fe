"""A lying client: its to-device messages harm nobody else."""

from pathlib import Path
from typing import Any

import vodozemac
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messenger.crypto.devices import MEGOLM
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import (
    Approval,
    BackedUpKey,
    EncryptedTrustRecord,
    KeyRequest,
    RoomKey,
    read_content,
)
from messenger.sdk import Store
from messenger.sdk.encryption.olm_sessions import Content
from tests.running import RunningServer
from tests.sdk.person import Names, Person, wait
from tests.sdk.test_lying_server import send

_START = {
    "from_device": "x",
    "transaction_id": "t",
    "method": "m.sas.v1",
    "key_agreement_protocols": ["curve25519-hkdf-sha256"],
    "hashes": ["sha256"],
    "message_authentication_codes": ["hkdf-hmac-sha256.v2"],
    "short_authentication_string": ["emoji"],
}
_ASKED = ("m.key.verification.request", {"transaction_id": "t", "from_device": "x"})
_GROUP = vodozemac.GroupSession()
_KEY = {
    "algorithm": MEGOLM,
    "room_id": "!x:jim",
    "session_id": _GROUP.session_id,
    "session_key": _GROUP.session_key.to_base64(),
}

ODD: list[tuple[str, Any]] = [
    _ASKED,
    ("m.key.verification.start", {**_START, "hashes": 5}),
    _ASKED,
    ("m.key.verification.start", {**_START, "huge": 10**30}),
    ("m.key.verification.key", {"transaction_id": "t", "key": ["x"]}),
    ("m.key.verification.mac", {"transaction_id": "t", "mac": {"a": 1}}),
    ("m.key.verification.request", {"transaction_id": {"a": []}}),
    ("m.key.verification." + "x" * 1000, {"transaction_id": "t"}),
    ("m.room_key", {}),
    ("m.room_key", {**_KEY, "messenger.certificate": {"user_id": 10**30}}),
    ("m.room_key", {**_KEY, "messenger.certificate": {"signatures": []}}),
    ("m.room_key", {**_KEY, "session_id": None, "session_key": None}),
    ("m.forwarded_room_key", {**_KEY, "session_key": 5, "sender_key": {"a": 1}}),
    ("m.room_key_request", {"body": {"session_id": "x" * 3000}, "action": 5}),
    ("m.room_key_request", {"body": ["session_id"]}),
    ("messenger.approval", {"secret": ["x"], "proof": 1}),
    ("messenger.approval", {"secret": "x", "proof": "é"}),
    (
        "messenger.approval",
        {"secret": "x", "proof": "x", "backup": {"trust_records": {"x": [10**30]}}},
    ),
    ("messenger.trust_record", {"name": 1, "encrypted": None}),
    ("", {}),
]


def test_odd_to_device_messages_end_nobodys_client_now_or_at_the_next_start(
    one_server: RunningServer, name: Names, tmp_path: Path
) -> None:
    """Each affects only itself: those before and after it are processed, and it is not repeated."""
    victim = Person(name("名前 a/b%41"), one_server.port, Store(tmp_path / "victim.db"))
    eve = Person(name("eve"), one_server.port, Store(tmp_path / "eve.db"))
    to = victim.core.encryption.identity.device
    for offline in (False, True):
        if offline:
            victim.close()
            victim.store.close()
        eve.send_text(victim.name, f"before {offline}")
        assert eve.wait_until_sent(10)
        send(eve, [Content(to, kind, content) for kind, content in ODD])
        eve.send_text(victim.name, f"after {offline}")
        assert eve.wait_until_sent(10)
        if offline:
            store = Store(tmp_path / "victim.db")
            victim = Person(victim.name, one_server.port, store, register=False)
        wait(lambda: f"after {offline}" in victim.heard(eve.name))  # noqa: B023  at once

    read = victim.core.encryption.inbox.read
    victim.close()
    victim.store.close()
    victim = Person(victim.name, one_server.port, Store(tmp_path / "victim.db"), register=False)
    said = [f"{when} {offline}" for offline in (False, True) for when in ("before", "after")]
    assert victim.heard(eve.name) == said
    assert victim.core.encryption.inbox.read == read
    for one in (victim, eve):
        one.close()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
_names = st.sampled_from(
    ["body", "session_id", "session_key", "messenger.certificate", "signatures", "secret", "proof"]
)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    st.dictionaries(_names | st.text(max_size=9), _json),
    st.sampled_from([RoomKey, BackedUpKey, KeyRequest, Approval, EncryptedTrustRecord]),
)
def test_whatever_a_content_is_it_is_typed_or_refused(content: dict[str, Any], kind: Any) -> None:
    try:
        found = read_content(content, kind)
    except SignatureError:
        return
    assert isinstance(found, kind)
