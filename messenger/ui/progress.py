"""How far a long piece of work is, in lines that are not too many."""

from collections.abc import Callable

from messenger.language import ngettext

_MANY = 5_000
"""Rows, below which it is done before anybody wonders."""


def progress_shown(show: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return what shows progress, in quarters."""
    shown = 0

    def progress(done: int, of: int) -> None:
        nonlocal shown
        quarter = 4 * done // max(1, of)
        if quarter > shown and of > _MANY:
            shown = quarter
            text = ngettext("{done} of {count} row", "{done} of {count} rows", of, done=done)
            show(text)

    return progress
