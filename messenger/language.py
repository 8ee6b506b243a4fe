"""What users read, in their language: gettext, and English where there is no translation."""

import gettext
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"

_translation = gettext.translation("messenger", LOCALES, fallback=True)


def _(text: str, /, **values: object) -> str:
    """Return the text in the user's language, its `{names}` filled in.

    The language is that of LANGUAGE, LC_ALL, LC_MESSAGES or LANG.
    """
    if not text:
        return text
    found = _translation.gettext(text)
    return found.format(**values) if values else found


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of the text that fits the `{count}`, its `{names}` filled in."""
    return _translation.ngettext(one, many, count).format(count=count, **values)


def N_(text: str) -> str:  # noqa: N802  gettext's own name for it
    """Mark a text that is translated where it is shown."""
    return text
