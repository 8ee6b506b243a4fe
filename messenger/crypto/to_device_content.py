"""What to-device messages say, typed: nothing of their content is used before it is checked.

Their types are Matrix's (client-server API, end-to-end encryption); keys that are not known are
ignored, so later versions may add to them.
"""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from messenger.crypto.signed import SignatureError

CERTIFICATE = "messenger.certificate"
"""Beside Matrix's keys of a message that gives a key: proves whose session it is."""

Key = Annotated[str, Meta(max_length=64, pattern=r"^[\x20-\x7e]*\Z")]
"""A public key of 32 bytes, base64: a device's, or that of a session, which is its id."""

Id = Annotated[str, Meta(max_length=1_000)]
"""What others have chosen, and is kept or asked for by: a device's or a room's id."""

Signature = Annotated[str, Meta(max_length=100)]
"""A signature of 64 bytes, base64."""

Signatures = Annotated[
    dict[Id, Annotated[dict[Id, Signature], Meta(max_length=10)]], Meta(max_length=10)
]
"""Signatures by users and the names of their keys."""

SessionKey = Annotated[str, Meta(max_length=500)]
"""The key of a group session, as it was begun or exported, base64."""

_Content = TypeVar("_Content", bound=Struct)


class Certificate(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a device signs of a session of its own: whose it is, and for which room.

    `shared_history` says that who joins the room later may have its key (MSC3061); where the
    room's creator has made the session, `history_setting` numbers his setting.
    """

    user_id: Id
    device_id: Id
    room_id: Id
    session_id: Key
    signatures: Signatures
    shared_history: bool = False
    history_setting: Annotated[int, Meta(ge=0, lt=2**53)] = 0


class RoomKey(Struct):
    """`m.room_key` and `m.forwarded_room_key`: the key of a group session, and whose it is."""

    algorithm: str
    room_id: Id
    session_id: Key
    session_key: SessionKey
    certificate: Certificate = field(name=CERTIFICATE)
    sender_key: Key = ""
    sender_claimed_ed25519_key: Key = ""


class BackedUpKey(RoomKey, kw_only=True):
    """A key as the account's own devices get it from the server: its owner's name is with it.

    `signed_by` is the self-signing key of the identity that had signed the owner's device, "" where
    none had, or a client of older days has not said it. A key that is `proved` is its owner's word.
    """

    account: Id
    device_id: Id
    sender_key: Key
    sender_claimed_ed25519_key: Key
    signed_by: Key = ""
    proved: bool = False


class RequestedKey(Struct):
    """Which session's key is asked for."""

    session_id: str


class KeyRequest(Struct):
    """`m.room_key_request`; only a request has a `body`, a cancellation has none."""

    action: str = "request"
    body: RequestedKey | None = None


_Number = Annotated[int, Meta(ge=0, lt=2**53)]
_DeviceId = Annotated[str, Meta(max_length=1000)]
_Digest = Annotated[str, Meta(max_length=64)]
MAX_TRUST_RECORDS = 500
"""So many decisions, the newest ones, a device tells of that approves another one."""

_OfAccounts = Annotated[dict[_Digest, _Number], Meta(max_length=MAX_TRUST_RECORDS)]
_Numbers = Annotated[dict[_DeviceId, _OfAccounts], Meta(max_length=MAX_TRUST_RECORDS)]


class BackupState(Struct):
    """What a device knows the server to have backed up, or more than that by now.

    `trust_records` has the numbers of trust decisions: by the device that made them, and a digest of
    the account that they are about. `put_off` has those that the server has not taken yet.
    `sessions` says how many sessions' keys there are.
    """

    trust_records: _Numbers = field(default_factory=dict)
    sessions: _Number = 0
    put_off: _Numbers = field(default_factory=dict)


class Approval(Struct):
    """The account's secret (base64), and the proof that the device's code was typed.

    `backup` is what the approving device knows of the backup, so that an older one is noticed; the
    proof covers it.
    """

    secret: str
    proof: str
    backup: BackupState | None = None


class EncryptedTrustRecord(Struct):
    """A trust decision, encrypted by the account's secret under this name."""

    name: str
    encrypted: str


class Verification(Struct, kw_only=True):
    """What every step of `m.key.verification` names: the run that it belongs to."""

    transaction_id: str


class VerificationOffer(Verification, kw_only=True):
    """`m.key.verification.request` and `.ready`: who offers which methods."""

    from_device: str
    methods: list[str]


class SasStart(Verification, kw_only=True):
    """`m.key.verification.start` of m.sas.v1."""

    from_device: str
    method: str
    key_agreement_protocols: list[str]
    hashes: list[str]
    message_authentication_codes: list[str]
    short_authentication_string: list[str]


class SasAccept(Verification, kw_only=True):
    """`m.key.verification.accept`: what was chosen, and a hash that binds to the key to come.

    What is not said is what both offer.
    """

    commitment: str
    key_agreement_protocol: str = ""
    hash: str = ""
    message_authentication_code: str = ""


class SasKey(Verification, kw_only=True):
    """`m.key.verification.key`: an ephemeral Curve25519 key, base64."""

    key: str


class SasMac(Verification, kw_only=True):
    """`m.key.verification.mac`: proofs of keys by their names, and of the list of names."""

    mac: dict[str, str]
    keys: str


class Cancel(Verification, kw_only=True):
    """`m.key.verification.cancel`: a code of Matrix's, and a sentence."""

    code: str
    reason: str = ""


def read_content(content: dict[str, Any], kind: type[_Content]) -> _Content:
    """Return the content as what it is to be; raises Forged if it is not."""
    try:
        return msgspec.convert(content, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise SignatureError(f"What it says is not understood: {error}") from error
