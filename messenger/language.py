"""Translates texts for users with gettext; English is the fallback."""

import gettext
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"

_translation = gettext.translation("messenger", LOCALES, fallback=True)
_of_thread = threading.local()


_POINTS = {"ru": ","}  # between a number's whole part and its decimals

AUTO = "auto"
"""The language of the environment."""


class Phrase(str):
    """A text that is filled into another one, and is translated with it."""

    __slots__ = ()


def own_language() -> str:
    """Return the user's language (BCP 47), or English if there is no translation into it."""
    return _translation.info().get("language", "en")


def use_language(language: str) -> None:
    """Use this language (BCP 47) from now on, or with `auto` that of the environment.

    Texts that are shown already stay as they are: call it before anything is shown.
    """
    global _translation  # noqa: PLW0603  the language is one of the whole process, as in gettext
    if language == AUTO:
        _translation = gettext.translation("messenger", LOCALES, fallback=True)
    else:
        _translation = _translation_into(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use this language (BCP 47) in this thread, for the time of the block.

    A server so answers its administrators in their languages, whatever its own is.
    """
    _of_thread.translation = _translation_into(language)
    try:
        yield
    finally:
        del _of_thread.translation


def _used() -> gettext.NullTranslations:
    found: gettext.NullTranslations = getattr(_of_thread, "translation", _translation)
    return found


def _(text: str, /, **values: object) -> str:
    """Return the text in the user's language, its `{names}` filled in.

    The language is that of LANGUAGE, LC_ALL, LC_MESSAGES or LANG, or what `use_language` was given.
    """
    return say(text, values)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of the text that fits the `{count}`, its `{names}` filled in."""
    return _used().ngettext(one, many, count).format(count=count, **values)


def decimal(value: float, digits: int) -> str:
    """Return a number with so many digits after the point, or the comma of the user's language."""
    return f"{value:.{digits}f}".replace(
        ".", _POINTS.get(_used().info().get("language", "en"), ".")
    )


def N_(text: str) -> str:  # noqa: N802  gettext's own name for it
    """Mark a text that is translated where it is shown."""
    return text


def say(text: str, values: Mapping[str, object], language: str | None = None) -> str:
    """Return the text in a language (BCP 47), its `{names}` filled in.

    None means the user's own language; without a translation the text is English.
    """
    translation = _used() if language is None else _translation_into(language)
    # gettext returns the catalogue's header for an empty text.
    said = translation.gettext(text) if text else text
    if not values:
        return said
    return said.format_map(
        {
            name: translation.gettext(value) if isinstance(value, Phrase) else value
            for name, value in values.items()
        }
    )


def _translation_into(language: str) -> gettext.NullTranslations:
    return _translations().get(language.partition("-")[0].casefold(), gettext.NullTranslations())


@cache
def _translations() -> dict[str, gettext.NullTranslations]:
    """Return all translations: the language comes from a client, so it must not name a file."""
    return {
        folder.name: gettext.translation("messenger", LOCALES, [folder.name], fallback=True)
        for folder in LOCALES.iterdir()
        if folder.is_dir()
    }
