"""An account's identity: the keys that sign its devices, all derived from one secret.

In Matrix's formats (cross-signing): a master key, which people verify, signs a self-signing key,
which signs devices. The recovery code is the secret in characters; it leaves the user's devices
only encrypted for another of them.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any, NamedTuple, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from messenger.crypto.devices import Device
from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError, canonical, sign, trimmed, verify
from messenger.language import N_

# Together 25 bytes: 40 characters of base32 without padding, eight groups of five.
_SECRET_BYTES = 20
_CHECK_BYTES = 5
_GROUP = 5
# Random ones are safe for 2^32 encryptions by one key (8.3); a backup has 100,000 entries.
_NONCE_BYTES = 12  # as NIST SP 800-38D (5.2.1.1) recommends for AES-GCM
# A code of 32 characters; 80 bits leave no chance to guess it, or to make a device that fits it.
_HALF_CODE_BYTES = 10
# Base32 (RFC 4648, 6) leaves these digits out: they are letters that were misread.
_MISREAD = str.maketrans("018", "OIB")


class AccountIdentity(NamedTuple):
    """The public half, which proves an account's devices; keys are Ed25519, base64."""

    account: str
    master: str
    self_signing: str

    def has_signed(self, device: Device) -> bool:
        """Tell whether the account has approved the device."""
        try:
            keys = msgspec.json.decode(device.keys, type=dict[str, Any])
            user = user_id(self.account)
            verify(keys, user, f"ed25519:{self.self_signing}", self.self_signing)
        except (SignatureError, msgspec.MsgspecError):
            return False
        # An identity speaks for its own account's devices only.
        return device.account == self.account


def signer_of(device: Device) -> str:
    """Return the self-signing key (base64) that has signed a device's keys, "" if none has.

    It may be anybody's: compare it with a known identity.
    """
    try:
        keys = msgspec.json.decode(device.keys, type=dict[str, Any])
        user = user_id(device.account)
        names = [str(name) for name in keys["signatures"][user]]
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ""
    found = (name.removeprefix("ed25519:") for name in names)
    # The device's own signature has the same form of name, with its id in place of the key.
    return next((key for key in found if key != device.device_id and _signs(key, user, keys)), "")


def parse_identity(account: str, keys: Any) -> AccountIdentity:
    """Return an account's published identity; raises SignatureError if it is inconsistent."""
    try:
        master = _only_key(account, keys["master_key"], "master")
        self_signing = _only_key(account, keys["self_signing_key"], "self_signing")
        verify(keys["self_signing_key"], user_id(account), f"ed25519:{master}", master)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SignatureError(f"The identity of {account} is inconsistent") from error
    return AccountIdentity(account, master, self_signing)


def trim_identity(identity: AccountIdentity, keys: dict[str, Any]) -> bytes:
    """Return the part of a published identity that others need, as canonical JSON: signed keys.

    Raises SignatureError if there is a user-signing key that the master key has not signed.
    """
    user, master = user_id(identity.account), f"ed25519:{identity.master}"
    # Made anew, so that nothing that others have added to it is forwarded.
    kept = {"master_key": _key_object(identity.account, identity.master, "master")}
    for name in ("self_signing_key", "user_signing_key"):
        if name in keys:
            verify(keys[name], user, master, identity.master)
            kept[name] = trimmed(keys[name], user, [master])
    return canonical(kept)


def trim_device(device: Device, identity: AccountIdentity | None) -> bytes:
    """Return a device's keys, as canonical JSON, with only the signatures that others can check.

    These are the device's own, and that of the account's identity.
    """
    # Any other signature could be junk of any size, which everybody with the list would download.
    signers = [f"ed25519:{device.device_id}"]
    if identity is not None and identity.has_signed(device):
        signers.append(f"ed25519:{identity.self_signing}")
    keys = msgspec.json.decode(device.keys, type=dict[str, Any])
    return canonical(trimmed(keys, user_id(device.account), signers))


class Secret:
    """The secret half of an account's identity."""

    def __init__(self, account: str, secret: bytes | None = None) -> None:
        self.account = account
        self.secret = secret or secrets.token_bytes(_SECRET_BYTES)
        # Derived, so that the recovery code, which has only the secret, restores all three.
        self._master = self._key("master")
        self._self_signing = self._key("self-signing")
        self._user_signing = self._key("user-signing")
        self.identity = parse_identity(account, self.published())

    @classmethod
    def from_code(cls, account: str, code: str) -> Self:
        """Return the secret of a recovery code; raises ValueError if the code is invalid."""
        raw = _read_code(code)
        secret, check = raw[:_SECRET_BYTES], raw[_SECRET_BYTES:]
        # 40 bits: a mistyped code passes for another secret once in 10^12.
        if len(raw) != _SECRET_BYTES + _CHECK_BYTES or check != _check_of(secret):
            raise ValueError(N_("Invalid recovery code"))
        return cls(account, secret)

    def code(self) -> str:
        """Return the recovery code: 40 characters, in groups."""
        return _write_code(self.secret + _check_of(self.secret))

    def published(self) -> dict[str, Any]:
        """Return the public keys, each signed by the master key."""
        master = _public(self._master)

        def signed(key: Ed25519PrivateKey, usage: str) -> dict[str, Any]:
            found = _key_object(self.account, _public(key), usage)
            return sign(found, user_id(self.account), f"ed25519:{master}", self._sign_by_master)

        return {
            "master_key": _key_object(self.account, master, "master"),
            "self_signing_key": signed(self._self_signing, "self_signing"),
            "user_signing_key": signed(self._user_signing, "user_signing"),
        }

    def approve(self, device_keys: bytes) -> bytes:
        """Return a device's keys with the signature of this identity."""
        keys = msgspec.json.decode(device_keys, type=dict[str, Any])
        name = f"ed25519:{_public(self._self_signing)}"
        signed = sign(
            keys, user_id(self.account), name, lambda data: _b64(self._self_signing.sign(data))
        )
        return canonical(signed)

    def name_of(self, thing: str) -> str:
        """Return a stable name for a thing, which tells nobody else what it names."""
        return hmac.digest(self._derive("names"), thing.encode(), "sha256").hex()

    def encrypt(self, name: str, content: bytes) -> str:
        """Encrypt content for the account's own devices, for the server to store under a name."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        # The name is authenticated: the server cannot return this under another one.
        encrypted = AESGCM(self._derive("backup")).encrypt(nonce, content, name.encode())
        return base64.b64encode(nonce + encrypted).decode()

    def decrypt(self, name: str, encrypted: str) -> bytes:
        """Return the content that was encrypted under this name.

        Raises SignatureError if it was another name, or another secret.
        """
        try:
            raw = base64.b64decode(encrypted, validate=True)
            cipher = AESGCM(self._derive("backup"))
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise SignatureError("The data stored by the server was changed") from error

    def _sign_by_master(self, data: bytes) -> str:
        return _b64(self._master.sign(data))

    def _key(self, purpose: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derive(purpose))

    def _derive(self, purpose: str) -> bytes:
        info = f"messenger {purpose}".encode()
        # Needs no salt: the secret is uniformly random.
        return HKDF(hashes.SHA256(), 32, None, info).derive(self.secret)


# --- approving a device by the code that it shows -----------------------------------------------


def new_nonce() -> bytes:
    """Return the random half of a device's approval code: only those who see the code know it."""
    return secrets.token_bytes(_HALF_CODE_BYTES)


def approval_code(device: Device, nonce: bytes) -> str:
    """Return the code that a new device shows: a digest of the device, and a nonce, 80 bits each.

    The digest covers the nonce, too, so that any typing mistake is noticed.
    """
    return _write_code(_digest_of(device, nonce) + nonce)


def read_approval_code(code: str) -> tuple[bytes, bytes]:
    """Return the two halves of an approval code; raises ValueError if it is invalid."""
    raw = _read_code(code)
    if len(raw) != 2 * _HALF_CODE_BYTES:
        raise ValueError(N_("Invalid device code"))
    return raw[:_HALF_CODE_BYTES], raw[_HALF_CODE_BYTES:]


def is_shown_by(digest: bytes, nonce: bytes, device: Device) -> bool:
    """Tell whether the two halves of a code are those of the device's code."""
    return hmac.compare_digest(digest, _digest_of(device, nonce))


def approval_proof(nonce: bytes, secret: bytes, device: Device, said: bytes = b"") -> str:
    """Return the proof for a device that its code was typed by the sender of the secret.

    It also covers what the sender has `said` beside the secret.
    """
    # Secrets and keys have a fixed length, so no part can be mistaken for a part of the next.
    return hmac.digest(nonce, secret + device.ed25519.encode() + said, "sha256").hex()


# --- safety numbers -----------------------------------------------------------------------------


def safety_number(one: AccountIdentity, other: AccountIdentity) -> str:
    """Return the number that both people see unless there is a man in the middle: 60 digits.

    As Signal's: 30 digits for each, of SHA-512 iterated 5,200 times over the account and its
    master key, in groups of five.
    """
    # Both people have to see the same number.
    halves = sorted(_thirty_digits(identity) for identity in (one, other))
    digits = "".join(halves)
    return " ".join(digits[start : start + 5] for start in range(0, len(digits), 5))


def _thirty_digits(identity: AccountIdentity) -> str:
    key = f"{user_id(identity.account)}\n{identity.master}".encode()
    digest = b"messenger safety number 1" + key
    # Only 30 digits of it are compared: each step makes a search for a similar key slower.
    for _ in range(5200):
        digest = hashlib.sha512(digest + key).digest()
    return "".join(
        # Of five bytes, so that no group is noticeably likelier than another.
        f"{int.from_bytes(digest[start : start + 5]) % 100_000:05d}"
        for start in range(0, 30, 5)
    )


# --- parts --------------------------------------------------------------------------------------


def _signs(key: str, user: str, signed: dict[str, Any]) -> bool:
    try:
        verify(signed, user, f"ed25519:{key}", key)
    except SignatureError:
        return False
    return True


def _digest_of(device: Device, nonce: bytes) -> bytes:
    """Return the digest of the device in its code, which covers the nonce, too."""
    # JSON, so that no part can be mistaken for a part of the next.
    named = canonical([*device.key, nonce.hex()])
    return hashlib.sha256(named).digest()[:_HALF_CODE_BYTES]


def _check_of(secret: bytes) -> bytes:
    return hashlib.sha256(b"messenger recovery code" + secret).digest()[:_CHECK_BYTES]


def _write_code(raw: bytes) -> str:
    text = base64.b32encode(raw).decode().rstrip("=")
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _read_code(code: str) -> bytes:
    """Return the bytes of a code in any spacing and case; raises ValueError if it is invalid."""
    text = "".join(code.upper().replace("-", "").split()).translate(_MISREAD)
    wrong = N_("Invalid code")
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError as error:
        raise ValueError(wrong) from error
    if _write_code(raw).replace("-", "") != text:
        raise ValueError(wrong)  # unused bits of the last character are set (RFC 4648, 3.5)
    return raw


def _key_object(account: str, public: str, usage: str) -> dict[str, Any]:
    return {
        "user_id": user_id(account), "usage": [usage], "keys": {f"ed25519:{public}": public},
    }  # fmt: skip


def _only_key(account: str, found: Any, usage: str) -> str:
    # Exactly one key: with two, people could verify one while the other signs.
    ((name, key),) = found["keys"].items()
    if (
        found["user_id"] != user_id(account)
        or found["usage"] != [usage]
        or name != f"ed25519:{key}"
    ):
        raise ValueError(usage)
    return str(key)


def _public(key: Ed25519PrivateKey) -> str:
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return _b64(key.public_key().public_bytes(*raw))


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
