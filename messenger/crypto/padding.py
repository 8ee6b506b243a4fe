"""Padding that hides the exact length: to sizes in steps that grow with it (Padmé)."""

_MIN_BYTES = 256  # so that all short messages have the same length


def padded_length(length: int) -> int:
    """Return the padded length of something of this length (bytes): at most 12 % more.

    Padmé (Nikitin et al., Reducing Metadata Leakage from Encrypted Files, PoPETs 2019), from 256
    bytes on.
    """
    if length <= _MIN_BYTES:
        return _MIN_BYTES
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask


def padding(length: int) -> str:
    """Return the padding, spaces, for something of this length (bytes)."""
    return " " * (padded_length(length) - length)
