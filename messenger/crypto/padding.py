"""Padding, so that a length says little: steps that grow with it (Padmé)."""

_LEAST = 256


def padded_length(length: int) -> int:
    """Return how long something of this length (bytes) is made: at most 12 % more.

    Padmé (Nikitin et al., Reducing Metadata Leakage from Encrypted Files, PoPETs 2019), from 256
    bytes on.
    """
    if length <= _LEAST:
        return _LEAST
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask


def padding(length: int) -> str:
    """Return what is added to something of this length (bytes)."""
    return " " * (padded_length(length) - length)
