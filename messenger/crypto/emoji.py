"""Verification by emoji (SAS): two devices agree on a secret, and two people compare it.

Matrix's short authentication string (m.sas.v1): one side commits to a key before it sees the
other's, so that a man in the middle has one chance in 2^42 to show both the same seven emoji.
"""

import base64
import hashlib
import hmac
from typing import Any

import vodozemac

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError, canonical
from messenger.crypto.to_device_content import SasAccept, SasKey, SasMac, SasStart, read_content
from messenger.language import N_

METHOD = "m.sas.v1"
_HASH = "sha256"
_AGREEMENT = "curve25519-hkdf-sha256"
_MAC = "hkdf-hmac-sha256.v2"

# Matrix, client-server API, "SAS method: emoji".
EMOJI = (
    ("🐶", N_("Dog")), ("🐱", N_("Cat")), ("🦁", N_("Lion")), ("🐎", N_("Horse")),
    ("🦄", N_("Unicorn")), ("🐷", N_("Pig")), ("🐘", N_("Elephant")), ("🐰", N_("Rabbit")),
    ("🐼", N_("Panda")), ("🐓", N_("Rooster")), ("🐧", N_("Penguin")), ("🐢", N_("Turtle")),
    ("🐟", N_("Fish")), ("🐙", N_("Octopus")), ("🦋", N_("Butterfly")), ("🌷", N_("Flower")),
    ("🌳", N_("Tree")), ("🌵", N_("Cactus")), ("🍄", N_("Mushroom")), ("🌏", N_("Globe")),
    ("🌙", N_("Moon")), ("☁️", N_("Cloud")), ("🔥", N_("Fire")), ("🍌", N_("Banana")),
    ("🍎", N_("Apple")), ("🍓", N_("Strawberry")), ("🌽", N_("Corn")), ("🍕", N_("Pizza")),
    ("🎂", N_("Cake")), ("❤️", N_("Heart")), ("😀", N_("Smiley")), ("🤖", N_("Robot")),
    ("🎩", N_("Hat")), ("👓", N_("Glasses")), ("🔧", N_("Spanner")), ("🎅", N_("Santa")),
    ("👍", N_("Thumbs Up")), ("☂️", N_("Umbrella")), ("⌛", N_("Hourglass")), ("⏰", N_("Clock")),
    ("🎁", N_("Gift")), ("💡", N_("Light Bulb")), ("📕", N_("Book")), ("✏️", N_("Pencil")),
    ("📎", N_("Paperclip")), ("✂️", N_("Scissors")), ("🔒", N_("Lock")), ("🔑", N_("Key")),
    ("🔨", N_("Hammer")), ("☎️", N_("Telephone")), ("🏁", N_("Flag")), ("🚂", N_("Train")),
    ("🚲", N_("Bicycle")), ("✈️", N_("Aeroplane")), ("🚀", N_("Rocket")), ("🏆", N_("Trophy")),
    ("⚽", N_("Ball")), ("🎸", N_("Guitar")), ("🎺", N_("Trumpet")), ("🔔", N_("Bell")),
    ("⚓", N_("Anchor")), ("🎧", N_("Headphones")), ("📁", N_("Folder")), ("📌", N_("Pin")),
)  # fmt: skip


class SasRun:
    """One verification with another device; one side starts it, and both derive the same emoji.

    The starter sends `start`, the other side answers `accept`; then both send their `key`, and show
    the emoji of `indices`. Once its user has agreed each side sends its `mac`, and the other checks
    it.
    """

    def __init__(self, me: Device, other: Device, transaction: str, *, starts: bool) -> None:
        self.other = other
        self.transaction = transaction
        self._me = me
        self._starts = starts
        self._sas = vodozemac.Sas()
        self._key = self._sas.public_key.to_base64()
        self._start: dict[str, Any] = {}
        self._commitment = ""
        self._established: vodozemac.EstablishedSas | None = None
        self._keys: tuple[str, str] = ("", "")

    def start(self) -> dict[str, Any]:
        """Return the content that starts the verification."""
        self._start = {
            "from_device": self._me.device_id,
            "transaction_id": self.transaction,
            "method": METHOD,
            "key_agreement_protocols": [_AGREEMENT],
            "hashes": [_HASH],
            "message_authentication_codes": [_MAC],
            "short_authentication_string": ["emoji", "decimal"],  # Matrix demands "decimal"
        }
        return self._start

    def accept(self, start: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to `start`; raises SignatureError if a method is not supported."""
        found = read_content(start, SasStart)
        if found.from_device != self.other.device_id:
            raise SignatureError("The verification was started in the name of another device")
        for offered, wanted in (
            ([found.method], METHOD),
            (found.key_agreement_protocols, _AGREEMENT),
            (found.hashes, _HASH),
            (found.message_authentication_codes, _MAC),
            (found.short_authentication_string, "emoji"),
        ):
            if wanted not in offered:
                raise SignatureError(f"The other side does not support {wanted}")
        self._start = start
        return {
            "transaction_id": self.transaction,
            "method": METHOD,
            "key_agreement_protocol": _AGREEMENT,
            "hash": _HASH,
            "message_authentication_code": _MAC,
            "short_authentication_string": ["emoji", "decimal"],
            "commitment": self._committed(self._key),
        }

    def accepted(self, accept: dict[str, Any]) -> None:
        """Accept the answer to `start`.

        Raises SignatureError if it is a second one, or has a method that was not offered.
        """
        found = read_content(accept, SasAccept)
        # A second commitment, to a key made after ours was seen, would prove nothing.
        if self._commitment:
            raise SignatureError("The other side has committed to a key already")
        for chosen, offered in (
            (found.key_agreement_protocol, _AGREEMENT),
            (found.hash, _HASH),
            (found.message_authentication_code, _MAC),
        ):
            if chosen not in ("", offered):
                raise SignatureError(f"The other side has chosen {chosen}, which was not offered")
        self._commitment = found.commitment

    def key(self) -> dict[str, Any]:
        """Return the content that sends this device's ephemeral key."""
        return {"transaction_id": self.transaction, "key": self._key}

    def take_key(self, content: dict[str, Any]) -> None:
        """Accept the other's key; raises SignatureError if it was not committed to."""
        theirs = read_content(content, SasKey).key
        if self._established is not None:
            raise SignatureError("The other side has sent a second key")
        commitment = self._committed(theirs).encode()
        # Only the side that started was sent a commitment: the other one has made it.
        if self._starts and not hmac.compare_digest(commitment, self._commitment.encode()):
            raise SignatureError("The other side's key is not the one it committed to")
        try:
            public = vodozemac.Curve25519PublicKey.from_base64(theirs)
            self._established = self._sas.diffie_hellman(public)
        except ValueError as error:
            raise SignatureError(f"Invalid key: {error}") from error
        # Both sides derive the emoji in this order: the key of the one that started comes first.
        self._keys = (self._key, theirs) if self._starts else (theirs, self._key)

    @property
    def indices(self) -> list[int]:
        """Which seven emoji to show; raises SignatureError before there is a key."""
        first, second = (self._me, self.other) if self._starts else (self.other, self._me)
        parts = ["MATRIX_KEY_VERIFICATION_SAS"]
        for device, key in zip((first, second), self._keys, strict=True):
            parts += [user_id(device.account), device.device_id, key]
        return list(self._secret().bytes("|".join([*parts, self.transaction])).emoji_indices)

    def mac(self, identity: AccountIdentity | None) -> dict[str, Any]:
        """Return the proof, for the other side, of this side's keys: the device's and account's."""
        keys = {f"ed25519:{self._me.device_id}": self._me.ed25519}
        if identity is not None:
            keys[f"ed25519:{identity.master}"] = identity.master
        info = self._info(self._me, self.other)
        return {
            "transaction_id": self.transaction,
            "mac": {
                name: self._secret().calculate_mac(key, info + name) for name, key in keys.items()
            },
            "keys": self._secret().calculate_mac(",".join(sorted(keys)), info + "KEY_IDS"),
        }

    def check_mac(self, content: dict[str, Any], identity: AccountIdentity) -> None:
        """Raise SignatureError unless the other side has proved its device and this identity."""
        info = self._info(self.other, self._me)
        found = read_content(content, SasMac)
        known = {
            f"ed25519:{self.other.device_id}": self.other.ed25519,
            f"ed25519:{identity.master}": identity.master,
        }
        try:
            # The list of names is proved, too: no key can be left out on the way.
            names = ",".join(sorted(found.mac))
            self._secret().verify_mac(names, info + "KEY_IDS", found.keys)
            for name, key in known.items():
                self._secret().verify_mac(key, info + name, found.mac[name])
        except (KeyError, ValueError) as error:
            raise SignatureError("The other side's keys are not the known ones") from error

    def _committed(self, key: str) -> str:
        # It covers `start`, too: nobody on the way can have changed the methods (Matrix, m.sas.v1).
        digest = hashlib.sha256(key.encode() + canonical(self._start)).digest()
        return base64.b64encode(digest).decode().rstrip("=")

    def _info(self, sender: Device, receiver: Device) -> str:
        named = (
            user_id(sender.account),
            sender.device_id,
            user_id(receiver.account),
            receiver.device_id,
        )
        return "MATRIX_KEY_VERIFICATION_MAC" + "".join(named) + self.transaction

    def _secret(self) -> vodozemac.EstablishedSas:
        if self._established is None:
            raise SignatureError("There is no key yet")
        return self._established
