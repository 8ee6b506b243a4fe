"""What users read, in their language: gettext, and English where there is no translation."""

import gettext
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"

_translation = gettext.translation("messenger", LOCALES, fallback=True)


def _(text: str) -> str:
    """Return the text in the user's language (LANGUAGE, LC_ALL, LC_MESSAGES, LANG)."""
    return _translation.gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of the text that fits the count."""
    return _translation.ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802  gettext's own name for it
    """Mark a text that is translated where it is shown."""
    return text
