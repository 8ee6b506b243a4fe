"""One device's secret keys, which sign, and begin and accept double-ratchet sessions (Olm)."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import msgspec
import vodozemac

from messenger.crypto.devices import MEGOLM, OLM, Device, parse_device
from messenger.crypto.names import user_id
from messenger.crypto.signed import canonical, sign

PICKLE_KEY = bytes(32)
"""Pickles are stored in a database that is encrypted as a whole: another key adds nothing."""

PRE_KEY = 0


class CannotDecrypt(ValueError):
    """A message that this session cannot decrypt."""


class Olm(NamedTuple):
    """An Olm message: `type` 0 begins a session, 1 continues it; `body` is base64."""

    type: int
    body: str

    @classmethod
    def of(cls, message: vodozemac.AnyOlmMessage) -> Self:
        """Return the message in the form in which it is sent."""
        kind, body = message.to_parts()
        return cls(kind, b64encode(body).decode().rstrip("="))


class Identity:
    """The keys of one device of an account, and those with which others begin sessions with it."""

    def __init__(self, account: str, device_id: str, olm: vodozemac.Account | None = None) -> None:
        self.account = account
        self.device_id = device_id
        self.olm = olm or vodozemac.Account()
        self.curve25519 = self.olm.curve25519_key.to_base64()
        self.ed25519 = self.olm.ed25519_key.to_base64()
        self.device_keys = canonical(self._device_keys())
        self.device: Device = parse_device(account, device_id, self.device_keys)
        # Every approval signs these: the signature of an earlier identity must not stay.
        self._unsigned_keys = self.device_keys

    @classmethod
    def from_pickle(cls, account: str, device_id: str, pickle: str) -> Self:
        """Return the identity that was pickled."""
        return cls(account, device_id, vodozemac.Account.from_pickle(pickle, PICKLE_KEY))

    def approve(self, sign: Callable[[bytes], bytes] | None) -> None:
        """Have the account's identity sign the device's keys, or remove its signature."""
        self.device_keys = self.signed_by(sign) if sign is not None else self._unsigned_keys
        self.device = parse_device(self.account, self.device_id, self.device_keys)

    def signed_by(self, sign: Callable[[bytes], bytes]) -> bytes:
        """Return the device's keys with the signature of one identity, and of no other."""
        return sign(self._unsigned_keys)

    def pickle(self) -> str:
        """Return the identity as text, to be stored."""
        return self.olm.pickle(PICKLE_KEY)

    def new_one_time_keys(self, count: int) -> dict[str, bytes]:
        """Return the signed one-time keys that are not published yet, at least `count`."""
        # Keys whose upload was not confirmed are still unpublished: they are uploaded again.
        self.olm.generate_one_time_keys(max(0, count - len(self.olm.one_time_keys)))
        return {
            f"signed_curve25519:{name}": self._signed_key(key)
            for name, key in self.olm.one_time_keys.items()
        }

    def new_fallback_key(self) -> dict[str, bytes]:
        """Return a signed, unpublished fallback key, for when no one-time key is left."""
        olm: Any = self.olm  # fallback keys are missing from the type stubs
        if not olm.fallback_key:
            olm.generate_fallback_key()
        return {
            f"signed_curve25519:{name}": self._signed_key(key, fallback=True)
            for name, key in olm.fallback_key.items()
        }

    def published(self) -> None:
        """Mark the new keys as published: the server has them."""
        self.olm.mark_keys_as_published()

    def begin(self, peer: Device, one_time_key: str) -> vodozemac.Session:
        """Return a new session with a device; raises ValueError if a key is invalid."""
        curve25519 = vodozemac.Curve25519PublicKey.from_base64(peer.curve25519)
        key = vodozemac.Curve25519PublicKey.from_base64(one_time_key)
        return self.olm.create_outbound_session(curve25519, key)

    def accept(self, sender_curve25519: str, message: Olm) -> tuple[vodozemac.Session, bytes]:
        """Return the session that a message begins, and its plaintext; raises CannotDecrypt."""
        try:
            sender = vodozemac.Curve25519PublicKey.from_base64(sender_curve25519)
            return self.olm.create_inbound_session(sender, _pre_key(message))
        except ValueError as error:
            raise CannotDecrypt(f"The message begins no session: {error}") from error

    def sign(self, message: bytes) -> str:
        """Return the signature of bytes, base64."""
        return self.olm.sign(message).to_base64()

    def _signed(self, value: dict[str, Any]) -> dict[str, Any]:
        return sign(value, user_id(self.account), f"ed25519:{self.device_id}", self.sign)

    def _signed_key(self, key: vodozemac.Curve25519PublicKey, *, fallback: bool = False) -> bytes:
        value: dict[str, Any] = {"key": key.to_base64()}
        if fallback:
            value["fallback"] = True
        return canonical(self._signed(value))

    def _device_keys(self) -> dict[str, Any]:
        return self._signed(
            {
                "user_id": user_id(self.account),
                "device_id": self.device_id,
                "algorithms": [OLM, MEGOLM],
                "keys": {
                    f"curve25519:{self.device_id}": self.curve25519,
                    f"ed25519:{self.device_id}": self.ed25519,
                },
            }
        )


def begins(session: vodozemac.Session, message: Olm) -> bool:
    """Tell whether the message begins this very session."""
    try:
        return session.session_matches(_pre_key(message))
    except ValueError:
        return False


def begins_with(message: Olm, key: str) -> bool:
    """Tell whether a message begins a session with this one-time or fallback key (base64)."""
    # vodozemac does not tell which key a session used; the message contains it unencrypted.
    return message.type == PRE_KEY and _bytes(key) in _bytes(message.body)


def decrypt_olm(session: vodozemac.Session, message: Olm) -> bytes:
    """Return the plaintext of a message of the session; raises CannotDecrypt."""
    try:
        found = vodozemac.AnyOlmMessage.from_parts(message.type, _bytes(message.body))
        return session.decrypt(found)
    except ValueError as error:
        raise CannotDecrypt(str(error)) from error


def _pre_key(message: Olm) -> vodozemac.PreKeyMessage:
    return vodozemac.PreKeyMessage.from_base64(message.body)


def _bytes(base64: str) -> bytes:
    return msgspec.convert(base64 + "=" * (-len(base64) % 4), bytes)
