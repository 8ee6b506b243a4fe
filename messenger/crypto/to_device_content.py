"""The contents of to-device messages, as types: nothing is used before it has been validated.

They are Matrix's (client-server API, end-to-end encryption); unknown keys are ignored, so that
later versions can add some.
"""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from messenger.crypto.signed import SignatureError

CERTIFICATE = "messenger.certificate"
"""A key of ours beside Matrix's, in messages that share a session's key: it proves the owner."""

Key = Annotated[str, Meta(max_length=64, pattern=r"^[\x20-\x7e]*\Z")]
"""A public key of 32 bytes, base64: that of a device, or that of a session, which is its id."""

Id = Annotated[str, Meta(max_length=1_000)]
"""The id of a device or a room: chosen by others, stored, and used in requests."""

Signature = Annotated[str, Meta(max_length=100)]
"""A signature of 64 bytes, base64."""

Signatures = Annotated[
    dict[Id, Annotated[dict[Id, Signature], Meta(max_length=10)]], Meta(max_length=10)
]
"""Signatures by users and key ids."""

SessionKey = Annotated[str, Meta(max_length=500)]
"""The key of a Megolm session, from its beginning or as exported, base64."""

_Content = TypeVar("_Content", bound=Struct)


# Unknown fields are refused, defaults omitted: the signature covers exactly what was received.
class Certificate(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a device signs about a session of its own: its owner and its room.

    `shared_history` says that later members of the room may have its key (MSC3061); if the session
    is of the room's creator, `history_setting` is the number of the creator's setting.
    """

    user_id: Id
    device_id: Id
    room_id: Id
    session_id: Key
    signatures: Signatures
    shared_history: bool = False
    history_setting: Annotated[int, Meta(ge=0, lt=2**53)] = 0


class RoomKey(Struct):
    """`m.room_key` and `m.forwarded_room_key`: the key of a Megolm session, and its owner."""

    algorithm: str
    room_id: Id
    session_id: Key
    session_key: SessionKey
    certificate: Certificate = field(name=CERTIFICATE)
    sender_key: Key = ""
    sender_claimed_ed25519_key: Key = ""


class BackedUpKey(RoomKey, kw_only=True):
    """A key in the key backup, for the account's own devices: with the name of its owner.

    `signed_by` is the self-signing key of the identity that had signed the owner's device, "" if
    none had, or if an older client did not store it. A `proved` key came from its owner.
    """

    account: Id
    device_id: Id
    sender_key: Key
    sender_claimed_ed25519_key: Key
    signed_by: Key = ""
    proved: bool = False


class RequestedKey(Struct):
    """The session whose key is requested."""

    session_id: str


class KeyRequest(Struct):
    """`m.room_key_request`; only a request has a `body`, a cancellation has none."""

    action: str = "request"
    body: RequestedKey | None = None


_Number = Annotated[int, Meta(ge=0, lt=2**53)]
_DeviceId = Annotated[str, Meta(max_length=1000)]
_Digest = Annotated[str, Meta(max_length=64)]
# They have to fit into one to-device message, which has at most 48 KB (docs/protocol.md).
MAX_TRUST_RECORDS = 500
"""How many trust records, the newest ones, a device sends to one that it approves."""

_OfAccounts = Annotated[dict[_Digest, _Number], Meta(max_length=MAX_TRUST_RECORDS)]
_Numbers = Annotated[dict[_DeviceId, _OfAccounts], Meta(max_length=MAX_TRUST_RECORDS)]


class BackupState(Struct):
    """The key backup as a device knows it: the server has at least this.

    `trust_records` has the numbers of trust records, by the device that made them and a digest of
    the account that they are about. `put_off` has those that the server has not accepted yet.
    `sessions` is the number of sessions whose keys are backed up.
    """

    trust_records: _Numbers = field(default_factory=dict)
    sessions: _Number = 0
    put_off: _Numbers = field(default_factory=dict)


class Approval(Struct):
    """The account's secret (base64), and the proof that the device's code was typed.

    `backup` is what the approving device knows of the key backup, so that an older one is noticed;
    the proof covers it.
    """

    secret: str
    proof: str
    backup: BackupState | None = None


class EncryptedTrustRecord(Struct):
    """A trust record, encrypted with the account's secret under this name."""

    name: str
    encrypted: str


class VerificationStep(Struct, kw_only=True):
    """Base of the steps of `m.key.verification`: each names the verification it belongs to."""

    transaction_id: str


class VerificationOffer(VerificationStep, kw_only=True):
    """`m.key.verification.request` and `.ready`: who offers which methods."""

    from_device: str
    methods: list[str]


# Matrix's lists may name methods that we do not know, so these are no literals.
class SasStart(VerificationStep, kw_only=True):
    """`m.key.verification.start` of m.sas.v1."""

    from_device: str
    method: str
    key_agreement_protocols: list[str]
    hashes: list[str]
    message_authentication_codes: list[str]
    short_authentication_string: list[str]


class SasAccept(VerificationStep, kw_only=True):
    """`m.key.verification.accept`: the methods chosen, and a hash that commits to the key to come.

    A method that is omitted is the only one that both offer.
    """

    commitment: str
    key_agreement_protocol: str = ""
    hash: str = ""
    message_authentication_code: str = ""


class SasKey(VerificationStep, kw_only=True):
    """`m.key.verification.key`: an ephemeral Curve25519 key, base64."""

    key: str


class SasMac(VerificationStep, kw_only=True):
    """`m.key.verification.mac`: proofs of keys by their names, and of the list of names."""

    mac: dict[str, str]
    keys: str


class Cancel(VerificationStep, kw_only=True):
    """`m.key.verification.cancel`: a code of Matrix's, and a sentence."""

    code: str
    reason: str = ""


def read_content(content: dict[str, Any], kind: type[_Content]) -> _Content:
    """Return the content as this type; raises SignatureError if it is invalid."""
    try:
        return msgspec.convert(content, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise SignatureError(f"Invalid content: {error}") from error
