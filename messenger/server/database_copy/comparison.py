"""Compares the rows of two databases, whatever kind they are."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from messenger.language import _
from messenger.server.database_copy.errors import CannotCopy
from messenger.server.database_copy.rows import Row

_BYTES = 16  # of a row's hash: no two of 2^40 rows have the same one by accident


class Digest(NamedTuple):
    """The number of a table's rows, and the sum of their hashes.

    A sum does not depend on the order of the rows, which databases of different collations would
    sort differently. No row is in a table twice, so that no two of them cancel each other out.
    """

    rows: int = 0
    total: int = 0

    def with_rows(self, rows: Sequence[Row]) -> "Digest":
        """Return the digest with more rows of the table."""
        total = self.total
        for row in rows:
            # Python's notation of a value is the same for both drivers, and exact for floats.
            found = hashlib.blake2b(ascii(row).encode("ascii"), digest_size=_BYTES).digest()
            total += int.from_bytes(found, "big")
        return Digest(self.rows + len(rows), total % (1 << 8 * _BYTES))


def check_equal(table: str, source: Digest, target: Digest) -> None:
    """Raise CannotCopy if the digests differ."""
    if source == target:
        return
    raise CannotCopy(
        _(
            "The table {table} was not copied correctly ({found} rows of {expected}): if somebody "
            "used the source meanwhile, empty the target, and copy again",
            table=table,
            found=target.rows,
            expected=source.rows,
        )
    )
