"""Pages of bounded size, however large the stored items are."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

_MAX_BYTES = 1_000_000
"""Less than the write buffer holds, so that a page does not block its connection."""

_Item = TypeVar("_Item")


def page_of(items: Iterable[_Item], size: Callable[[_Item], int]) -> list[_Item]:
    """Return the first of the items that fit into a page, at least one; `size` is in bytes."""
    page: list[_Item] = []
    total = 0
    for item in items:
        total += size(item)
        if page and total > _MAX_BYTES:
            break
        page.append(item)
    return page


def encoded_size(item: object) -> int:
    """Return how many bytes an item has as JSON."""
    return len(msgspec.json.encode(item))
