"""Saves searches of the database that would find nothing again: an idle client makes none."""

import math

from messenger.sdk.store.keys import KeyStore


class EmptySearch:
    """Remembers that a search found nothing, until a row of the database changes."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._begun_at = 0
        self._empty_at: int | None = None
        self._until = 0.0

    def begins(self, now: float = 0.0) -> bool:
        """Tell whether to search: False if that would find nothing, as the last time.

        `now` is of the same clock as the `until` of `found_nothing`.
        """
        # Counted before the search: another thread may change the database during it.
        self._begun_at = self._keys.changes
        return self._begun_at != self._empty_at or now >= self._until

    def found_nothing(self, until: float = math.inf) -> None:
        """Note that the search found nothing; from this time on there may be something."""
        self._empty_at, self._until = self._begun_at, until

    def forget(self) -> None:
        """Search again, as what was found depends on more than the database."""
        self._empty_at = None
