"""Progress of long operations, in at most four lines."""

from collections.abc import Callable

from messenger.language import ngettext

_MANY = 5_000
"""Rows; for fewer no progress is shown, they are done soon."""


def progress_shown(show: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return a callback for `done` of `of` rows that shows progress, in quarters."""
    shown = 0

    def progress(done: int, of: int) -> None:
        nonlocal shown
        quarter = 4 * done // max(1, of)
        if quarter > shown and of > _MANY:
            shown = quarter
            text = ngettext("{done} of {count} row", "{done} of {count} rows", of, done=done)
            show(text)

    return progress
