"""JSON signed as in Matrix: over its canonical form, without its signatures."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
import vodozemac


class SignatureError(ValueError):
    """Received data is not what its sender made: a key, a signature or a name is wrong."""


def canonical(value: Any) -> bytes:
    """Return the canonical form: sorted keys, no white space (Matrix, appendices 3.1)."""
    return msgspec.json.encode(value, order="sorted")


def sign(
    value: Mapping[str, Any], user: str, key_id: str, signer: Callable[[bytes], str]
) -> dict[str, Any]:
    """Return the object with a signature added; `signer` signs bytes, and returns base64."""
    signatures = {name: dict(made) for name, made in value.get("signatures", {}).items()}
    signatures.setdefault(user, {})[key_id] = signer(canonical(_unsigned(value)))
    return {**value, "signatures": signatures}


def verify(value: Mapping[str, Any], user: str, key_id: str, ed25519: str) -> None:
    """Raise SignatureError unless the key, base64, has signed the object under this `key_id`."""
    try:
        signature = vodozemac.Ed25519Signature.from_base64(value["signatures"][user][key_id])
        key = vodozemac.Ed25519PublicKey.from_base64(ed25519)
        key.verify_signature(canonical(_unsigned(value)), signature)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise SignatureError(f"{key_id} of {user} has not signed this") from error


def trimmed(value: Mapping[str, Any], user: str, key_ids: Collection[str]) -> dict[str, Any]:
    """Return a signed object without other signatures, and without its unsigned part."""
    made = value["signatures"][user]
    kept = {key_id: made[key_id] for key_id in key_ids}
    # The signature covers neither of the two: anybody on the way could have added to them.
    return {**_unsigned(value), "signatures": {user: kept}}


def _unsigned(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if key not in ("signatures", "unsigned")}
